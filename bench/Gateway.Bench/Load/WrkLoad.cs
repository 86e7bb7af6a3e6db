using System.Globalization;
using Gateway.Bench.Processes;

namespace Gateway.Bench.Load;

/// <summary>wrk: the cheapest closed loop there is. Takes plans of one path and one key; a small script makes it tell every percentile.</summary>
internal sealed class WrkLoad(string program) : IClosedLoad
{
    private const string Script = """
        done = function(summary, latency, requests)
          local e = summary.errors
          print(string.format("BENCH %d %d %d %d", summary.requests, summary.duration, e.connect + e.read + e.write + e.timeout, e.status))
          for _, p in pairs({0, 10, 25, 50, 75, 90, 95, 98, 99, 99.5, 99.8, 99.9, 99.95, 99.99, 100}) do
            print(string.format("BENCHP %.2f %d", p, p == 0 and latency.min or p == 100 and latency.max or latency:percentile(p)))
          end
        end
        """;

    public string Name => "wrk";

    public static IClosedLoad? Find() => Programs.Find("wrk") is { } program ? new WrkLoad(program) : null;

    public async Task<LoadResult> RunAsync(Target target, int connections, TimeSpan duration, CancellationToken stop)
    {
        using var folder = new TempFolder();
        var output = await Tool.RunAsync(
            program,
            [
                "-t1", string.Create(CultureInfo.InvariantCulture, $"-c{connections}"), string.Create(CultureInfo.InvariantCulture, $"-d{Math.Max(1, Math.Round(duration.TotalSeconds))}s"),
                "--timeout", "30s", "-s", folder.File("done.lua", Script), "-H", "X-API-Key: " + target.Plan.Keys[0], new Uri(target.Addresses[0], target.Plan.Paths[0]).ToString(),
            ],
            stop);
        var lines = output.Split('\n').Select(l => l.Split(' ')).ToList();
        if (lines.Find(l => l[0] == "BENCH") is not { } summary) throw new LoadFailedException($"wrk did not say how it went.\n{output}");
        var figures = summary[1..].Select(f => long.Parse(f, CultureInfo.InvariantCulture)).ToArray();
        if (figures[2] + figures[3] > 0) throw new LoadFailedException($"wrk counted {figures[3]} answers with a bad status and {figures[2]} broken connections.\n{output}");
        return new LoadResult(
            figures[0], TimeSpan.FromMicroseconds(figures[1]),
            [.. lines.Where(l => l[0] == "BENCHP").Select(l => (double.Parse(l[1], CultureInfo.InvariantCulture), double.Parse(l[2], CultureInfo.InvariantCulture)))]);
    }
}
