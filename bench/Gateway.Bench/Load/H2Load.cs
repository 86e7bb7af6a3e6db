using System.Globalization;
using System.Text.RegularExpressions;
using Gateway.Bench.Processes;

namespace Gateway.Bench.Load;

/// <summary>
/// h2load: HTTP/2 without TLS, 16 streams on each connection. It logs every request, and percentiles are made from that log.
/// </summary>
internal sealed partial class H2Load(string program) : IClosedLoad
{
    private const int Streams = 16;

    public string Name => "h2load, 16 streams a connection";

    public static IClosedLoad? Find() => Programs.Find("h2load") is { } program ? new H2Load(program) : null;

    /// <param name="target">One path and one key.</param>
    /// <param name="connections">Requests at the same time; of connections there are fewer.</param>
    /// <param name="duration">Whole seconds.</param>
    /// <param name="stop">Ends it before.</param>
    public async Task<LoadResult> RunAsync(Target target, int connections, TimeSpan duration, CancellationToken stop)
    {
        using var folder = new TempFolder();
        var log = Path.Combine(folder.Path, "requests.log");
        var seconds = Math.Max(1, (int)Math.Round(duration.TotalSeconds));
        var output = await Tool.RunAsync(
            program,
            [
                "-t1", string.Create(CultureInfo.InvariantCulture, $"-c{Math.Max(1, connections / Streams)}"), string.Create(CultureInfo.InvariantCulture, $"-m{Streams}"),
                string.Create(CultureInfo.InvariantCulture, $"-D{seconds}"), "--log-file", log, "-H", "X-API-Key: " + target.Plan.Keys[0],
                new Uri(target.Addresses[0], target.Plan.Paths[0]).ToString(),
            ],
            stop);
        var latencies = new Latencies();
        foreach (var line in File.ReadLines(log)) // start (µs since 1970), status, latency (µs)
        {
            var fields = line.Split('\t');
            if (fields[1][0] != '2') throw new LoadFailedException($"h2load had an answer with the status {fields[1]}.\n{output}");
            latencies.Record(long.Parse(fields[2], CultureInfo.InvariantCulture) * 1000);
        }

        if (BadAnswers().IsMatch(output)) throw new LoadFailedException($"h2load had answers that were not 2xx.\n{output}");
        return LoadResult.Of(latencies, TimeSpan.FromSeconds(seconds));
    }

    [GeneratedRegex(@"status codes:.*( [1-9]\d* [345]xx)")]
    private static partial Regex BadAnswers();
}
