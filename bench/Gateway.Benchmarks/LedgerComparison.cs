using BenchmarkDotNet.Attributes;
using FASTER.core;
using Gateway.Journal;
using Gateway.Journal.Records;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;

namespace Gateway.Benchmarks;

/// <summary>
/// Libraries that could keep the ledger, held to the same promise: when the append has returned, no <c>kill -9</c> loses the record. So each hands it to
/// the operating system every time. FASTER's log knows no way to do so but a commit, which waits for the disk; the others do not.
/// </summary>
[MemoryDiagnoser]
public class LedgerComparison
{
    private const int DeleteEvery = 10_000;

    private readonly Settled _record = SomeSettlement.WithTwoCharges();
    private readonly byte[] _bytes = new byte[1024];
    private int _length;
    private int _appended;
    private DirectoryInfo? _folder;
    private UsageJournal? _journal;
    private SqliteConnection? _sqlite;
    private SqliteCommand? _insert;
    private FasterLogSettings? _settings;
    private FasterLog? _log;

    [GlobalSetup]
    public void Setup()
    {
        _folder = Directory.CreateTempSubdirectory("ledger-bench-");
        _length = _record.Write(_bytes);
        _journal = UsageJournal.Open(
            Path.Combine(_folder.FullName, "journal"), new JournalOptions { SegmentBytes = 64 * 1024 * 1024 }, TimeProvider.System, NullLogger.Instance);

        _sqlite = new SqliteConnection($"Data Source={Path.Combine(_folder.FullName, "ledger.db")}");
        _sqlite.Open();
        Execute("PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF; CREATE TABLE ledger (id INTEGER PRIMARY KEY, record BLOB NOT NULL);");
        _insert = _sqlite.CreateCommand();
        _insert.CommandText = "INSERT INTO ledger (record) VALUES ($record)";
        _insert.Parameters.AddWithValue("$record", _bytes[.._length]);
        _insert.Prepare();

        _settings = new FasterLogSettings(Path.Combine(_folder.FullName, "log"));
        _log = new FasterLog(_settings);
    }

    [Benchmark(Baseline = true)]
    public long OurJournal()
    {
        var position = _journal!.Append(_record);
        if (++_appended % DeleteEvery == 0) _journal.DeleteBefore(position);
        return position.Offset;
    }

    [Benchmark]
    public int SqliteWal() => _insert!.ExecuteNonQuery();

    [Benchmark]
    public long FasterLogCommit()
    {
        var address = _log!.Enqueue(_bytes.AsSpan(0, _length));
        _log.Commit(spinWait: true);
        return address;
    }

    [GlobalCleanup]
    public async Task Cleanup()
    {
        await _journal!.DisposeAsync();
        _insert!.Dispose();
        _sqlite!.Dispose();
        _log!.Dispose();
        _settings!.Dispose();
        _folder!.Delete(recursive: true);
    }

    private void Execute(string sql)
    {
        using var command = _sqlite!.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
