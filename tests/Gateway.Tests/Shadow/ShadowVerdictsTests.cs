using System.Diagnostics.Metrics;
using Gateway.Journal;
using Gateway.Model;
using Gateway.Shadow;
using Gateway.Tests.Journal;
using Microsoft.Extensions.DependencyInjection;

namespace Gateway.Tests.Shadow;

public sealed class ShadowVerdictsTests
{
    private const int SegmentBytes = 8192;

    [Fact]
    public async Task What_would_have_been_refused_takes_none_of_the_journals_room_that_is_kept_for_requests_under_way()
    {
        using var folder = new TempFolder();
        await using var journal = Ledger.Open(folder, SegmentBytes, maxBytes: SegmentBytes);
        await using var services = new ServiceCollection().AddMetrics().BuildServiceProvider();
        var book = new ShadowBook(services.GetRequiredService<IMeterFactory>());
        var verdicts = new ShadowVerdicts(new JournalLedger(journal, Durability.Process), book, TimeProvider.System);
        for (var i = 0; journal.CanAppend; i++) journal.Append(Ledger.Hold(i));
        var before = journal.Tail;

        for (var i = 0; i < SegmentBytes; i++) await verdicts.RefusedAsync(Guid.NewGuid(), new CustomerId("cus_1"), "submissions", 401, "key-missing");

        Assert.Equal(before, journal.Tail);
        Assert.Equal(SegmentBytes, Assert.Single(book.Take()).Count);
    }
}
