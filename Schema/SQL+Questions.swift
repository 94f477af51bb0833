// The SQL texts of the reports about single requests, messages, processes and connections.

extension SQL {
    /// Messages of a span: id, late_us, request_id, level, message (an id of the dictionary or the text),
    /// worker.
    public static let errorsScan = text(PackageResources.errors_scan_sql)

    /// Key of the request with the number `:request_id`.
    public static let requestFind = text(PackageResources.request_find_sql)

    /// Number of the request with the key `:id`.
    public static let requestNumber = text(PackageResources.request_number_sql)

    /// Keys of the requests with the number `:request_id` that have messages.
    public static let requestsWithMessages = text(PackageResources.requests_with_messages_sql)

    /// Everything about the request with the key `:id`.
    public static let requestShow = text(PackageResources.request_show_sql)

    /// Messages of the request with the number `:request_id`.
    public static let requestMessages = text(PackageResources.request_messages_sql)

    /// The crash that ended the request with the number `:request_id`; schema 2.
    public static let requestCrash = text(PackageResources.request_crash_sql)

    /// The process that served the request with the key `:id`.
    public static let requestWorker = text(PackageResources.request_worker_sql)

    /// Lives of workers that touch a span, by slot.
    public static let workerLives = text(PackageResources.worker_lives_sql)

    /// When the lives of workers began: slot, started_us.
    public static let workerStarts = text(PackageResources.worker_starts_sql)
}
