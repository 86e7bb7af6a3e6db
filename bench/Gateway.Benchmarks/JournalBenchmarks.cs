using BenchmarkDotNet.Attributes;
using Gateway.Journal;
using Gateway.Journal.Records;
using Microsoft.Extensions.Logging.Abstractions;

namespace Gateway.Benchmarks;

/// <summary>A settlement with two charges into the mapped file, by one thread and by two at a time. Segments roll and are deleted on the way.</summary>
[MemoryDiagnoser]
public class JournalBenchmarks
{
    private const int PerThread = 10_000;

    private readonly Settled _record = SomeSettlement.WithTwoCharges();
    private readonly Barrier _barrier = new(2);
    private DirectoryInfo? _folder;
    private UsageJournal? _journal;
    private Thread? _other;
    private volatile bool _over;

    [GlobalSetup]
    public void Setup()
    {
        _folder = Directory.CreateTempSubdirectory("journal-bench-");
        _journal = UsageJournal.Open(
            Path.Combine(_folder.FullName, "journal"), new JournalOptions { SegmentBytes = 64 * 1024 * 1024 }, TimeProvider.System, NullLogger.Instance);
        _other = new Thread(AppendWheneverAsked) { IsBackground = true };
        _other.Start();
    }

    [Benchmark(OperationsPerInvoke = PerThread)]
    public void FromOneThread() => Append();

    [Benchmark(OperationsPerInvoke = 2 * PerThread)]
    public void FromTwoThreads()
    {
        _barrier.SignalAndWait();
        Append();
        _barrier.SignalAndWait();
    }

    [GlobalCleanup]
    public async Task Cleanup()
    {
        _over = true;
        _barrier.SignalAndWait();
        _other!.Join();
        await _journal!.DisposeAsync();
        _folder!.Delete(recursive: true);
    }

    private void AppendWheneverAsked()
    {
        while (true)
        {
            _barrier.SignalAndWait();
            if (_over) return;
            Append();
            _barrier.SignalAndWait();
        }
    }

    private void Append()
    {
        JournalPosition last = default;
        for (var i = 0; i < PerThread; i++) last = _journal!.Append(_record);
        _journal!.DeleteBefore(last);
    }
}
