namespace Gateway.Bench.Load;

/// <summary>Connections of one run, spread over the target's addresses.</summary>
internal sealed class Connections : IDisposable
{
    private const int AtOnce = 128;

    private Connections(HttpConnection[] all) => All = all;

    public HttpConnection[] All { get; }

    public static async Task<Connections> OpenAsync(Target target, int count, CancellationToken stop)
    {
        var all = new HttpConnection[count];
        await Parallel.ForAsync(0, count, new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = stop }, async (i, cancellation) =>
            all[i] = await HttpConnection.OpenAsync(target.Addresses[i % target.Addresses.Count], target.Plan, i, cancellation));
        return new Connections(all);
    }

    public void Dispose()
    {
        foreach (var connection in All) connection.Dispose();
    }
}
