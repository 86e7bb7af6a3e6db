using System.Globalization;
using Gateway.Journal;

namespace Gateway.Cli.Journal;

internal static class VerifyCommand
{
    public const int Whole = 0;
    public const int Damaged = 1;

    // A running gateway deletes old segments; each of them once.
    private const int Attempts = 3;

    public static async Task<int> RunAsync(string folder, string? expectedSeal, TextWriter output, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                var audit = await ProgressBar.ShowAsync("verifying", progress => JournalAudit.Of(folder, expectedSeal, progress, cancellationToken));
                Write(folder, audit, output);
                return audit.Problems.Count == 0 ? Whole : Damaged;
            }
            catch (FileNotFoundException) when (attempt < Attempts)
            {
                // read anew, from what is the oldest segment now
            }
        }
    }

    private static void Write(string folder, JournalAudit audit, TextWriter output)
    {
        void Line(FormattableString text) => output.WriteLine(text.ToString(CultureInfo.InvariantCulture));

        if (audit.Last < audit.First)
        {
            Line($"{folder} has no segment yet.");
        }
        else
        {
            Line($"{folder}: segments {audit.First} to {audit.Last}, {audit.Bytes / 1_000_000.0:N1} MB");
            foreach (var (type, count) in audit.Records.OrderByDescending(r => r.Value)) Line($"  {count,12:N0} {type}");
            if (audit.Torn > 0) Line($"{audit.Torn} records were cut off by a crash while they were written; no client had been answered for them.");
            Line(audit.Head is { } head
                ? (FormattableString)$"Sealed through segment {head.Segment}; the chain's head is {head.Seal}"
                : $"No segment is sealed yet; the checksum of each record was checked.");
        }

        foreach (var problem in audit.Problems) Line($"PROBLEM {problem}");
        Line(audit.Problems.Count == 0 ? (FormattableString)$"The journal is whole." : $"The journal is damaged: {audit.Problems.Count} problems. Keep a copy of the folder; what is damaged may be usage.");
    }
}
