using System.Net;
using System.Net.Sockets;
using Gateway.Bench.Load;
using Spectre.Console;

namespace Gateway.Bench.Verbs;

/// <summary>
/// Measures something whose figures are known, before anything else is believed: a server that stands still for half a second, and one that refuses. Throws
/// <see cref="LoadFailedException"/> when a generator does not see it.
/// </summary>
internal static class GeneratorCheck
{
    private const int Rate = 1000;
    private const double LeastShare = 0.25; // half of the requests are due while it stands still, all but the last of them more than a moment
    private const double HeldUpMicroseconds = 20_000;
    private static readonly TimeSpan Stillness = TimeSpan.FromMilliseconds(500);

    public static async Task RunAsync(CancellationToken stop)
    {
        await SeesStillnessAsync(stop);
        await RefusesErrorsAsync(new SocketClosedLoad(), stop);
        if (WrkLoad.Find() is { } wrk) await RefusesErrorsAsync(wrk, stop);
        AnsiConsole.WriteLine("The generators see a pause in every request that it held up, and refuse answers that are not 2xx.");
    }

    /// <summary>A generator that waits for answers before it sends more would see a handful of late ones, one for each connection.</summary>
    private static async Task SeesStillnessAsync(CancellationToken stop)
    {
        var started = TimeProvider.System.GetTimestamp();
        using var server = new Server("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", () =>
        {
            var left = Stillness - TimeProvider.System.GetElapsedTime(started);
            return left > TimeSpan.Zero ? Task.Delay(left, TimeProvider.System, stop) : Task.CompletedTask;
        });
        using var load = new OpenLoad(server.Target, Rate, connections: 4);
        var result = await load.RunAsync(TimeSpan.FromSeconds(1), stop);
        var late = result.Curve.Where(p => p.Microseconds > HeldUpMicroseconds).Select(p => p.Percentile).DefaultIfEmpty(100).Min();
        if (100 - late < LeastShare * 100 || result.Requests != Rate)
            throw new LoadFailedException($"The open-loop generator saw only {100 - late:F0} % of {result.Requests} requests late, of a server that stood still for half of the time.");
    }

    private static async Task RefusesErrorsAsync(IClosedLoad load, CancellationToken stop)
    {
        using var server = new Server("HTTP/1.1 503 Service Unavailable\r\nContent-Length: 2\r\n\r\nno", () => Task.CompletedTask);
        try
        {
            await load.RunAsync(server.Target, 2, TimeSpan.FromSeconds(1), stop);
        }
        catch (LoadFailedException)
        {
            return;
        }

        throw new LoadFailedException($"The load '{load.Name}' counts answers with 503 as if they were good.");
    }

    /// <summary>Gives one answer to whatever arrives.</summary>
    private sealed class Server : IDisposable
    {
        private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
        private readonly byte[] _answer;
        private readonly Func<Task> _before;

        public Server(string answer, Func<Task> before)
        {
            (_answer, _before) = (System.Text.Encoding.ASCII.GetBytes(answer), before);
            _listener.Start();
            _ = AcceptAsync();
        }

        public Target Target => new([new Uri($"http://{_listener.LocalEndpoint}/")], new RequestPlan(["/"], ["key"]));

        public void Dispose() => _listener.Dispose();

        private async Task AcceptAsync()
        {
            try
            {
                while (true) _ = ServeAsync(await _listener.AcceptSocketAsync());
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                // It is over.
            }
        }

        private async Task ServeAsync(Socket client)
        {
            using (client)
            {
                try
                {
                    var request = new byte[4096];
                    while (await client.ReceiveAsync(request) > 0)
                    {
                        await _before();
                        await client.SendAsync(_answer);
                    }
                }
                catch (Exception e) when (e is SocketException or OperationCanceledException)
                {
                    // The client is gone.
                }
            }
        }
    }
}
