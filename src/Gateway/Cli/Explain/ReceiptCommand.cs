using System.Text.Json;
using Gateway.Cli.Journal;
using Gateway.Configuration;
using Gateway.Jobs;
using Gateway.Journal;
using Gateway.Shipping;

namespace Gateway.Cli.Explain;

/// <summary><c>Gateway explain receipt</c>: finds a request's charges in this node's journal.</summary>
internal static class ReceiptCommand
{
    // A running gateway deletes old segments; each of them once.
    private const int Attempts = 3;

    /// <param name="receipt">As the answer said it.</param>
    /// <param name="configPath">The file.</param>
    /// <param name="dataDirectory">Instead of the configuration's, which then need not be there; null: the configuration's.</param>
    /// <param name="jobToken">By which the upstream knows the request's job; null: not told.</param>
    public static async Task<IAnswer> ExplainAsync(string receipt, string configPath, string? dataDirectory, string? jobToken, CancellationToken cancellationToken)
    {
        if (!Guid.TryParseExact(receipt, "N", out var id) && !Guid.TryParseExact(receipt, "D", out id))
            throw new UsageException("A receipt is 32 hexadecimal digits, as in the header Usage-Receipt.");
        var (snapshot, problem) = Read(configPath, needed: dataDirectory is null || jobToken is not null);
        if (dataDirectory is null && snapshot!.Options.Journal.Engine != LedgerEngine.Disk)
            throw new UsageException("There is no journal on a disk: by Gateway:Journal:Engine charges are kept in a stream in Redis until they are reported. Paygentic's usage list has the receipt as metadata.requestId.");

        var data = dataDirectory ?? snapshot!.Options.DataDirectory;
        var folder = Path.Combine(data, "journal");
        if (!Directory.Exists(folder)) throw new UsageException($"There is no journal in {folder}.");
        var search = await SearchAsync(folder, id, JobsOf(snapshot, jobToken), cancellationToken);
        return new ReceiptAnswer(new ReceiptExplainer(id, folder, search, FileQuarantine.Peek(data), snapshot, problem, jobToken is not null).Explain());
    }

    private static (GatewaySnapshot? Snapshot, string? Problem) Read(string configPath, bool needed)
    {
        try
        {
            return (WebApplication.CreateEmptyBuilder(new WebApplicationOptions()).AddGatewayConfiguration(configPath).Snapshot, null);
        }
        catch (InvalidConfigurationException e) when (!needed)
        {
            return (null, e.Message);
        }
    }

    private static List<Guid> JobsOf(GatewaySnapshot? snapshot, string? token) => token is null
        ? []
        : [.. snapshot!.Catalog.Rules.SelectMany(r => r.Meters).Where(m => m.Job is not null).Select(m => JobId.Of(m.Job!.Name, token, m.Metric.Name)).Distinct()];

    private static async Task<ReceiptSearch> SearchAsync(string folder, Guid id, List<Guid> jobs, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await ProgressBar.ShowAsync("searching", progress => ReceiptSearch.In(folder, id, jobs, progress, cancellationToken));
            }
            catch (FileNotFoundException) when (attempt < Attempts)
            {
                // read anew, from what is the oldest segment now
            }
        }
    }

    private sealed class ReceiptAnswer(ReceiptExplanation explanation) : IAnswer
    {
        public int ExitCode => explanation.Found ? ExplainCommand.Explained : ExplainCommand.Refused;

        public string ToJson() => JsonSerializer.Serialize(explanation, ExplainJson.Readable.ReceiptExplanation);

        public void Write(TextWriter output) => new ReceiptReport(explanation).Write(output);
    }
}
