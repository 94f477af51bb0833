// The SQL texts of the reports about single requests, messages, processes and connections.

extension SQL {
    /// Messages of a span: id, late_us, request_id, level, message (an id of the dictionary or the text).
    public static let errorsScan = text(PackageResources.errors_scan_sql)

    /// Text of `:id` in a dictionary.
    public static func dictionaryText(_ dictionary: String) -> String {
        text(PackageResources.dictionary_text_sql, dictionary: dictionary)
    }

    /// Key of the request with the number `:request_id`.
    public static let requestFind = text(PackageResources.request_find_sql)

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

    /// Requests that were answered with 404 or with content: id, status, path, referer, client.
    public static let notFoundScan = text(PackageResources.not_found_scan_sql)

    /// Requests with what tells connections apart: id, worker, connection, status, outcome, duration_us, late_us,
    /// flags.
    public static let connectionsScan = text(PackageResources.connections_scan_sql)

    /// When the lives of workers began: slot, started_us.
    public static let workerStarts = text(PackageResources.worker_starts_sql)
}
