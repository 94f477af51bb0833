// The prepared statements of the writer, and the columns that name a process life.
internal import GRDB
internal import Schema

extension LogTables {
    /// All statements of a connection, except those of the dictionaries.
    struct Statements {
        let error: BoundStatement
        let crash: BoundStatement
        let started: BoundStatement
        let ended: BoundStatement
        let lost: BoundStatement
        let writerLost: BoundStatement
        let writerGeneration: BoundStatement
        let positionStore: BoundStatement
        let positionFind: BoundStatement
        let positionSources: BoundStatement
        let positionForget: BoundStatement
        let greatestKey: BoundStatement
        let storedKey: BoundStatement
        let keyStore: BoundStatement
        let keyForget: BoundStatement
        let epochBegin: BoundStatement

        init(_ database: Database) {
            error = BoundStatement(database, sql: SQL.insertError)
            crash = BoundStatement(database, sql: SQL.insertCrash)
            started = BoundStatement(database, sql: SQL.workerStarted)
            ended = BoundStatement(database, sql: SQL.workerEnded)
            lost = BoundStatement(database, sql: SQL.workerLost)
            writerLost = BoundStatement(database, sql: SQL.writerLost)
            writerGeneration = BoundStatement(database, sql: SQL.writerGeneration)
            positionStore = BoundStatement(database, sql: SQL.positionStore)
            positionFind = BoundStatement(database, sql: SQL.positionFind)
            positionSources = BoundStatement(database, sql: SQL.positionSources)
            positionForget = BoundStatement(database, sql: SQL.positionForget)
            greatestKey = BoundStatement(database, sql: SQL.greatestKey)
            storedKey = BoundStatement(database, sql: SQL.storedKey)
            keyStore = BoundStatement(database, sql: SQL.lastKeyStore)
            keyForget = BoundStatement(database, sql: SQL.lastKeyForget)
            epochBegin = BoundStatement(database, sql: SQL.epochBegin)
        }
    }

    /// What names one life of a process, and its beginning: the first six columns of `worker_run`.
    struct ProcessLife: Equatable {
        /// What a process does.
        enum Role: Equatable {
            case worker
            case log
        }

        /// The process tree: the random id of its ring file.
        var source: Int64
        var role: Role
        var slot: Int
        /// Which life of the slot, from 1.
        var generation: Int64
        var processID: Int32
        /// Microseconds since 1970 UTC.
        var startedUs: Int64

        func bind(to row: BoundStatement) {
            row.bind(1, source)
            switch role {
            case .worker: row.bindText(2, "worker")
            case .log: row.bindText(2, "log")
            }
            row.bind(3, Int64(slot))
            row.bind(4, generation)
            row.bind(5, Int64(processID))
            row.bind(6, startedUs)
        }
    }
}
