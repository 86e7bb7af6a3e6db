using System.Globalization;

namespace Gateway.Bench.Scenarios;

/// <summary>Customers as they are: small answers mostly, some large, some slow, and a pause for thought; several keys.</summary>
internal static class MixedTraffic
{
    private const int LargeBytes = 100_000;
    private const int SlowMilliseconds = 20;
    private const int MostThoughtMilliseconds = 20;

    public static Scenario Create(HttpClient http, IReadOnlyList<string> keys, int copies, int injected, TimeSpan during)
    {
        async Task<Response> GetAsync(ScenarioContext context, string path)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, path) { Headers = { { "X-API-Key", keys[context.Random.Next(keys.Count)] } } };
            using var answer = await http.SendAsync(request, context.CancellationToken);
            var body = await answer.Content.ReadAsByteArrayAsync(context.CancellationToken);
            return answer.IsSuccessStatusCode ? Response.Ok(body.Length) : Response.Fail(string.Create(CultureInfo.InvariantCulture, $"{(int)answer.StatusCode} for {path}"));
        }

        return Scenario.Create("mixed traffic", async context =>
            {
                var small = await Step.Run("small answer", context, () => GetAsync(context, "/"));
                if (small.IsError) return small;
                var other = context.Random.Next(10) switch
                {
                    0 => await Step.Run("large answer", context, () => GetAsync(context, string.Create(CultureInfo.InvariantCulture, $"/bytes/{LargeBytes}"))),
                    1 or 2 => await Step.Run("slow answer", context, () => GetAsync(context, string.Create(CultureInfo.InvariantCulture, $"/delay/{SlowMilliseconds}"))),
                    _ => await Step.Run("small answer", context, () => GetAsync(context, "/")),
                };
                await Task.Delay(TimeSpan.FromMilliseconds(context.Random.Next(MostThoughtMilliseconds)), TimeProvider.System, context.CancellationToken);
                return other;
            })
            .WithInit(async () => (await http.GetAsync("/")).Dispose())
            .WithLoadSimulations(Simulation.KeepConstant(copies, during), Simulation.Inject(injected, TimeSpan.FromSeconds(1), during));
    }
}
