using BenchmarkDotNet.Attributes;
using Gateway.Journal;
using Gateway.Journal.Records;
using Gateway.Model;
using Microsoft.Extensions.Logging.Abstractions;

namespace Gateway.Benchmarks;

/// <summary>One settlement with two charges into the mapped file. Segments roll and are deleted on the way.</summary>
[MemoryDiagnoser]
public class JournalBenchmarks
{
    private const int DeleteEvery = 10_000;

    private DirectoryInfo? _folder;
    private UsageJournal? _journal;
    private Settled _record;
    private int _appended;

    [GlobalSetup]
    public void Setup()
    {
        _folder = Directory.CreateTempSubdirectory("journal-bench-");
        _journal = UsageJournal.Open(
            Path.Combine(_folder.FullName, "journal"), new JournalOptions { SegmentBytes = 64 * 1024 * 1024 }, TimeProvider.System, NullLogger.Instance);
        Charge[] charges =
        [
            new(new MetricName("basic-submissions"), "bm_basic", new EntitlementId("ent_00000001"), Guid.NewGuid(), 1, default),
            new(new MetricName("execution-time"), "bm_execution_time", new EntitlementId("ent_00000002"), Guid.NewGuid(), 2, new CarryMark(500_000, 7)),
        ];
        _record = new Settled(new Settlement(Guid.CreateVersion7(), TimeProvider.System.GetUtcNow(), new CustomerId("cus_1"), "submissions", 201, 1_500_000, charges));
    }

    [Benchmark]
    public long AppendSettlement()
    {
        var position = _journal!.Append(_record);
        if (++_appended % DeleteEvery == 0) _journal.DeleteBefore(position);
        return position.Offset;
    }

    [GlobalCleanup]
    public async Task Cleanup()
    {
        await _journal!.DisposeAsync();
        _folder!.Delete(recursive: true);
    }
}
