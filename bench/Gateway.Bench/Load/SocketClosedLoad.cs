using System.Diagnostics;

namespace Gateway.Bench.Load;

/// <summary>Our own closed loop, so that nothing but the SDK is needed.</summary>
internal sealed class SocketClosedLoad : IClosedLoad
{
    public string Name => "own closed loop";

    public async Task<LoadResult> RunAsync(Target target, int connections, TimeSpan duration, CancellationToken stop)
    {
        using var opened = await Connections.OpenAsync(target, connections, stop);
        var latencies = new Latencies();
        using var failed = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var started = Stopwatch.GetTimestamp();
        var end = started + (long)(duration.TotalSeconds * Stopwatch.Frequency);
        var all = opened.All.Select(connection => Task.Run(() => AskAsync(connection, end, latencies, failed), stop)).ToList();
        await Task.WhenAll(all);
        return LoadResult.Of(latencies, duration);
    }

    /// <summary>Asks for every key of the plan once.</summary>
    public static async Task TouchAsync(Target target, int connections, CancellationToken stop)
    {
        var plan = new RequestPlan(target.Plan.Paths, target.Plan.Keys) { InTurn = true };
        using var opened = await Connections.OpenAsync(target with { Plan = plan }, connections, stop);
        var left = (long)plan.Keys.Count;
        await Task.WhenAll(opened.All.Select(connection => Task.Run(
            async () =>
            {
                while (Interlocked.Decrement(ref left) >= 0)
                {
                    connection.Send();
                    await connection.ReceiveAsync(stop);
                }
            },
            stop)));
    }

    private static async Task AskAsync(HttpConnection connection, long end, Latencies latencies, CancellationTokenSource failed)
    {
        try
        {
            while (true)
            {
                var sent = Stopwatch.GetTimestamp();
                if (sent >= end || failed.IsCancellationRequested) return;
                connection.Send();
                await connection.ReceiveAsync(failed.Token);
                var now = Stopwatch.GetTimestamp();
                if (now <= end) latencies.Record(Clock.Nanoseconds(now - sent));
            }
        }
        catch (LoadFailedException)
        {
            await failed.CancelAsync();
            throw;
        }
        catch (OperationCanceledException)
        {
            // Another connection has failed, and says so.
        }
    }
}
