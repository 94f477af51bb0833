// The SQL texts that the log writer runs.

/// The texts of the writing half.
extension SQL {
    /// Settings that hold from the first statement on.
    public static let writerSetup = text(PackageResources.writer_setup_sql)

    /// The form of a new file; never for one that has a table.
    public static let writerNew = text(PackageResources.writer_new_sql)

    /// Turns the write-ahead log on and answers the journal mode.
    public static let journalWAL = text(PackageResources.journal_wal_sql)

    /// Settings of the write-ahead log.
    public static let writerWAL = text(PackageResources.writer_wal_sql)

    /// Has every commit wait for the disk.
    public static let synchronousFull = text(PackageResources.synchronous_full_sql)

    /// Has statements wait 5 s for a lock.
    public static let busyLong = text(PackageResources.busy_long_sql)

    /// Has statements wait 1 s for a lock.
    public static let busyShort = text(PackageResources.busy_short_sql)

    /// Columns `application_id`, `user_version`, `tables` of the file.
    public static let state = text(PackageResources.state_sql)

    /// The greatest key of every table.
    public static let newestRows = text(PackageResources.newest_rows_sql)

    /// Marks the file as an access log of schema 1.
    public static let markFormat = text(PackageResources.mark_format_sql)

    /// The greatest key of all rows.
    public static let greatestKey = text(PackageResources.greatest_key_sql)

    /// The key given last, while greater ones of an earlier epoch are in the tables; else no row.
    public static let storedKey = text(PackageResources.stored_key_sql)

    /// Stores the last key, `?1`.
    public static let lastKeyStore = text(PackageResources.last_key_store_sql)

    /// Removes the stored last key.
    public static let lastKeyForget = text(PackageResources.last_key_forget_sql)

    /// Counts the epoch of keys up.
    public static let epochBegin = text(PackageResources.epoch_begin_sql)

    /// Table `access` as it is since schema 4.
    public static let access4 = text(PackageResources.access_4_sql)

    /// Columns `has_rows`, `is_packed` of table `access`.
    public static let accessForm = text(PackageResources.access_form_sql)

    /// Inserts so many requests, parameters in the order of the stored columns.
    ///
    /// - Parameter isPacked: whether the table is that of ``access4``.
    public static func insertAccess(rows: Int, isPacked: Bool) -> String {
        let one = text(isPacked ? PackageResources.insert_access_sql : PackageResources.insert_access_1_sql)
        guard let start = one.lastIndex(of: "("), let end = one[start...].firstIndex(of: ")") else { return one }
        let group = repeatElement(one[start...end], count: rows).joined(separator: ", ")
        return one[..<start] + group + one[one.index(after: end)...]
    }

    /// Inserts a message, columns in the order of the table.
    public static let insertError = text(PackageResources.insert_error_sql)

    /// Inserts the crash of a worker, columns in the order of the table.
    public static let insertCrash = text(PackageResources.insert_crash_sql)

    /// Whether the id `?1` of a dictionary is that of the text `?2`: a row or none.
    public static func dictionaryFind(_ dictionary: String) -> String {
        text(PackageResources.dictionary_find_sql, dictionary: dictionary)
    }

    /// Columns `id`, `value` of all texts of a dictionary.
    public static func dictionaryTexts(_ dictionary: String) -> String {
        text(PackageResources.dictionary_texts_sql, dictionary: dictionary)
    }

    /// Adds the text `?2` as `?1` to a dictionary.
    public static func dictionaryAdd(_ dictionary: String) -> String {
        text(PackageResources.dictionary_add_sql, dictionary: dictionary)
    }

    /// The greatest id of a dictionary.
    public static func dictionaryLast(_ dictionary: String) -> String {
        text(PackageResources.dictionary_last_sql, dictionary: dictionary)
    }

    /// How many texts of a dictionary were removed.
    public static func dictionaryRemoved(_ dictionary: String) -> String {
        text(PackageResources.dictionary_removed_sql, dictionary: dictionary)
    }

    /// Inserts the beginning of a process life: source, role, slot, generation, pid, started_us.
    public static let workerStarted = text(PackageResources.worker_started_sql)

    /// Stores the end of a process life: the columns of the table in order.
    public static let workerEnded = text(PackageResources.worker_ended_sql)

    /// Ends what is open of the process tree `?1` at `?2` microseconds since 1970 UTC.
    public static let workerLost = text(PackageResources.worker_lost_sql)

    /// Ends what is open of earlier log writers of the process tree `?1` at `?2` microseconds since 1970 UTC.
    public static let writerLost = text(PackageResources.writer_lost_sql)

    /// The number of the log writer's next life in the process tree `?1`.
    public static let writerGeneration = text(PackageResources.writer_generation_sql)

    /// Stores source `?1`, slot `?2`, position `?3`.
    public static let positionStore = text(PackageResources.position_store_sql)

    /// The position of source `?1`, slot `?2`.
    public static let positionFind = text(PackageResources.position_find_sql)

    /// All sources that have positions.
    public static let positionSources = text(PackageResources.position_sources_sql)

    /// Removes the positions of the source `?1`.
    public static let positionForget = text(PackageResources.position_forget_sql)

    /// The names of tables cannot be parameters of a statement, so they are put into the text.
    static func text(_ bytes: [UInt8], dictionary: String) -> String {
        text(bytes, ["dictionary": dictionary])
    }
}
