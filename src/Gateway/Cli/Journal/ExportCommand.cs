using System.Globalization;
using Gateway.Journal;
using Gateway.Journal.Records;
using Microsoft.Extensions.Logging.Abstractions;

namespace Gateway.Cli.Journal;

internal enum ExportFormat
{
    Jsonl,
    Csv,
}

internal static class ExportCommand
{
    /// <param name="folder">The segments' folder.</param>
    /// <param name="format">How to write.</param>
    /// <param name="file">Where to; null: standard output. One that is there is written over.</param>
    /// <param name="messages">What people are told.</param>
    /// <param name="cancellationToken">Ends it early.</param>
    /// <returns>0, or 1 when parts of the journal can not be read.</returns>
    public static async Task<int> RunAsync(string folder, ExportFormat format, FileInfo? file, TextWriter messages, CancellationToken cancellationToken)
    {
        await using var stream = file?.Create() ?? Console.OpenStandardOutput();
        var damage = new DamageLog(NullLogger.Instance);
        var charges = await ProgressBar.ShowAsync("exporting", progress => Export(folder, damage, format, stream, progress, cancellationToken));
        await messages.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{charges:N0} charges exported{(file is null ? "" : $" to {file.FullName}")}."));
        if (damage.Corrupt == 0) return 0;
        await messages.WriteLineAsync($"{damage.Corrupt} places in the journal can not be read and are not in the export; 'journal verify' names them.");
        return 1;
    }

    private static long Export(
        string folder, DamageLog damage, ExportFormat format, Stream stream, Action<double> progress, CancellationToken cancellationToken)
    {
        using var directory = SegmentDirectory.OpenReadOnly(folder, damage, NullLogger.Instance);
        using var reader = new JournalReader(directory, damage, appended: null, from: default);
        using var writer = ChargeWriter.Create(format, stream);
        var (charges, segment, first, end) = (0L, 0L, directory.FirstNumber, directory.EndNumber);
        while (reader.TryRead(out var entry))
        {
            if (entry.IsSettled)
            {
                var settlement = entry.Read<Settled>().Settlement;
                for (var i = 0; i < settlement.Charges.Length; i++, charges++) writer.Write(ExportedCharge.Of(settlement, i));
            }

            if (entry.Position.Segment == segment) continue;
            segment = entry.Position.Segment;
            cancellationToken.ThrowIfCancellationRequested();
            progress((double)(segment - first) / (end - first));
        }

        return charges;
    }
}
