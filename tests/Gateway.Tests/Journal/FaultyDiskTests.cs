using CsCheck;
using Gateway.Journal;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Gateway.Tests.Journal;

/// <summary>P2 on a disk that fails at any step: what was promised is there afterwards, and the journal goes on by itself.</summary>
public sealed class FaultyDiskTests
{
    private static readonly Gen<DiskFault[]> Faults = Gen.Frequency(
        (6, Gen.Const(DiskFault.None)), (1, Gen.Const(DiskFault.Full)), (1, Gen.Const(DiskFault.Short)), (1, Gen.Const(DiskFault.Broken))).Array[0, 60];

    [Fact]
    public Task What_was_appended_survives_a_kill_and_what_was_flushed_a_power_loss() => Faults.SampleAsync(
        async faults =>
        {
            using var folder = new TempFolder();
            var disk = new FaultyDisk([DiskFault.None, DiskFault.None, .. faults]); // the first segment is made
            List<long> appended = [], flushed = [];
            var clock = new FakeTimeProvider();
            await using (var journal = UsageJournal.Open(folder.Path, new JournalOptions { SegmentBytes = 4096, FlushMilliseconds = 1 }, clock, NullLogger.Instance, disk))
            {
                for (var i = 0; i < 150; i++)
                {
                    if (i % 10 == 0) clock.Advance(TimeSpan.FromSeconds(1));
                    if (!TryAppend(journal, i, out var position)) continue;
                    appended.Add(i);
                    if (i % 7 == 0 && await IsFlushedAsync(journal, position, clock)) flushed.Add(i);
                }

                using var killed = folder.Crash();
                Assert.Equal(appended, Holds(killed));
                using var lost = disk.AfterPowerLoss(folder);
                var left = Holds(lost, mayBeHalf: true); // a page whose flush failed can be there in part
                Assert.Empty(flushed.Except(left));
                Assert.Empty(left.Except(appended));

                await UntilAsync(() => journal.CanAppend, clock); // the faults are used up
                appended.Add(1_000);
                journal.Append(Ledger.Hold(1_000));
            }

            Assert.Equal(appended, Holds(folder));
        },
        iter: 300);

    private static bool TryAppend(UsageJournal journal, int number, out JournalPosition position)
    {
        position = default;
        if (!journal.CanAppend) return false;
        try
        {
            position = journal.Append(Ledger.Hold(number));
            return true;
        }
        catch (JournalUnavailableException)
        {
            return false;
        }
    }

    private static async Task<bool> IsFlushedAsync(UsageJournal journal, JournalPosition position, FakeTimeProvider clock)
    {
        var flush = journal.WaitForFlushAsync(position, CancellationToken.None).AsTask();
        await UntilAsync(() => flush.IsCompleted, clock);
        return flush.IsCompletedSuccessfully;
    }

    private static List<long> Holds(TempFolder folder, bool mayBeHalf = false)
    {
        var damage = new DamageLog(NullLogger.Instance);
        using var directory = SegmentDirectory.OpenReadOnly(folder.Path, damage, NullLogger.Instance);
        using var reader = new JournalReader(directory, damage, appended: null, default);
        var found = Ledger.DrainHolds(reader);
        if (!mayBeHalf) Assert.Equal(0, damage.Corrupt);
        return found;
    }

    private static async Task UntilAsync(Func<bool> holds, FakeTimeProvider clock)
    {
        while (!holds())
        {
            TestContext.Current.CancellationToken.ThrowIfCancellationRequested();
            clock.Advance(TimeSpan.FromMilliseconds(100));
            await Task.Yield();
        }
    }
}
