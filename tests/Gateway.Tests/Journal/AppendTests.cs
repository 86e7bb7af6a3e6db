using Gateway.Journal;
using Gateway.Journal.Records;

namespace Gateway.Tests.Journal;

public sealed class AppendTests
{
    [Fact]
    public async Task A_reader_sees_every_record_of_many_threads_once_whole_and_in_each_threads_order()
    {
        const int Threads = 4;
        const int PerThread = 40_000;
        using var folder = new TempFolder();
        await using var journal = Ledger.Open(folder, segmentBytes: 256 * 1024);
        var next = new long[Threads];
        var stop = TestContext.Current.CancellationToken;

        var following = Task.Run(
            async () =>
            {
                using var reader = journal.ReadFrom(default);
                for (var seen = 0; seen < Threads * PerThread;)
                {
                    while (Next(reader, next))
                        seen++;
                    if (seen < Threads * PerThread)
                        await reader.WaitForDataAsync(stop);
                }

                return reader.TryRead(out _);
            },
            stop);
        var appending = Enumerable.Range(0, Threads).Select(thread => Task.Factory.StartNew(
            () =>
            {
                for (var i = 0L; i < PerThread; i++)
                    journal.Append(new LeaseReturned(new Guid(thread, 0, 0, new byte[8]), i, thread));
            },
            stop,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default));

        await Task.WhenAll(appending);
        Assert.False(await following);
        Assert.All(next, count => Assert.Equal(PerThread, count));
        Assert.True(folder.Segments().Length > 20);
        Assert.Equal(0, journal.Health.CorruptRecords + journal.Health.TornRecords);
    }

    [Fact]
    public async Task Positions_grow_across_small_segments_and_each_can_be_read_from()
    {
        using var folder = new TempFolder();
        await using var journal = Ledger.Open(folder, segmentBytes: 4096);
        var positions = Enumerable.Range(0, 1_000).Select(i => journal.Append(Ledger.Hold(i))).ToList();

        Assert.Equal(positions.Order(), positions);
        Assert.True(positions[^1].Segment > 10);
        foreach (var i in new[] { 0, 1, 62, 63, 64, 500, 999 })
        {
            using var reader = journal.ReadFrom(positions[i]);
            Assert.Equal(Enumerable.Range(i, 1_000 - i).Select(n => (long)n), Ledger.DrainHolds(reader));
        }
    }

    [Fact]
    public async Task An_entrys_next_position_is_where_the_next_record_is_read_from()
    {
        using var folder = new TempFolder();
        await using var journal = Ledger.Open(folder, segmentBytes: 4096);
        for (var i = 0; i < 200; i++)
            journal.Append(Ledger.Hold(i));

        var position = default(JournalPosition);
        for (var i = 0; i < 200; i++)
        {
            using var reader = journal.ReadFrom(position);
            Assert.True(reader.TryRead(out var entry));
            Assert.Equal(i, entry.Read<HoldPlaced>().Units);
            position = entry.NextPosition;
        }
    }

    [Fact]
    public async Task An_append_allocates_nothing()
    {
        using var folder = new TempFolder();
        await using var journal = Ledger.Open(folder, segmentBytes: 16 * 1024 * 1024);
        var settled = (Settled)Some.OfEachType()[3];
        for (var i = 0; i < 1_000; i++)
        {
            journal.Append(settled);
            journal.Append(Ledger.Hold(i));
        }

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 10_000; i++)
        {
            journal.Append(settled);
            journal.Append(Ledger.Hold(i));
        }

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    [Fact]
    public async Task After_dispose_nothing_is_taken_and_nothing_is_lost()
    {
        using var folder = new TempFolder();
        var journal = Ledger.Open(folder, segmentBytes: 65_536);
        var stop = TestContext.Current.CancellationToken;
        var accepted = new long[4];
        using var started = new CountdownEvent(accepted.Length);
        var appending = Enumerable.Range(0, accepted.Length).Select(thread => Task.Factory.StartNew(
            () =>
            {
                started.Signal();
                while (true)
                {
                    journal.Append(new HoldPlaced(new Guid(thread, 0, 0, new byte[8]), Guid.Empty, accepted[thread]));
                    accepted[thread]++;
                }
            },
            stop,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default)).ToArray();

        started.Wait(stop);
        while (journal.Tail.Segment < 3)
            await Task.Yield();
        await journal.DisposeAsync();
        foreach (var thread in appending)
            await Assert.ThrowsAsync<ObjectDisposedException>(() => thread);

        Assert.False(journal.CanAppend);
        var (records, damages) = Ledger.ReadFolder(folder.Path);
        Assert.Equal(accepted.Sum(), records.Count);
        Assert.Empty(damages);
    }

    private static bool Next(JournalReader reader, long[] next)
    {
        if (!reader.TryRead(out var entry))
            return false;
        var record = entry.Read<LeaseReturned>();
        Assert.Equal(next[record.Uses]++, record.Units);
        Assert.Equal(new Guid(record.Uses, 0, 0, new byte[8]), record.LeaseId);
        return true;
    }
}
