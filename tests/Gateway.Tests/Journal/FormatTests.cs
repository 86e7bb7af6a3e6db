using Gateway.Journal;

namespace Gateway.Tests.Journal;

/// <summary>The promise of the format version: what version 1 wrote is read by every later build. Never write the fixture anew.</summary>
public sealed class FormatTests
{
    [Fact]
    public async Task The_journal_of_version_1_opens_and_yields_its_records()
    {
        using var folder = new TempFolder();
        File.Copy(Fixture(), Path.Combine(folder.Path, "00000001.journal"));

        await using var journal = Ledger.Open(folder, segmentBytes: 4096);

        Assert.Equal(Some.OfEachType().Select(Ledger.Describe), Ledger.ReadAll(journal));
        Assert.Equal(new JournalHealth(true, null, 0, 0), journal.Health);
    }

    private static string Fixture()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "Gateway.sln")))
            folder = folder.Parent ?? throw new InvalidOperationException("The tests must run inside the repository.");
        return Path.Combine(folder.FullName, "tests/Gateway.Tests/Journal/Fixtures/v1.journal");
    }
}
