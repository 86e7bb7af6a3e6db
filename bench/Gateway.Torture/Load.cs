using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;

namespace Gateway.Torture;

/// <summary>Requests at a steady rate, whatever the answers; a late one is sent at once and its lateness counted.</summary>
internal sealed class Load(Rig rig, int rate) : IDisposable
{
    private const int Workers = 64;
    private readonly HttpClient _http = new(new SocketsHttpHandler { MaxConnectionsPerServer = Workers }) { Timeout = TimeSpan.FromSeconds(30) };
    private ConcurrentQueue<double> _milliseconds = new();
    private long _answered;
    private long _refused;

    public long Answered => Interlocked.Read(ref _answered);

    public long Refused => Interlocked.Read(ref _refused);

    public Task RunAsync(CancellationToken stop) => Task.WhenAll(Enumerable.Range(0, Workers).Select(worker => Task.Run(() => WorkAsync(worker, stop), CancellationToken.None)));

    /// <summary>Latencies since the last call: median and 99th percentile in milliseconds.</summary>
    public (double Median, double P99) TakeLatencies()
    {
        var sorted = Interlocked.Exchange(ref _milliseconds, new ConcurrentQueue<double>()).Order().ToArray();
        return sorted.Length == 0 ? (0, 0) : (sorted[sorted.Length / 2], sorted[(int)(sorted.Length * 0.99)]);
    }

    public void Dispose() => _http.Dispose();

    private async Task WorkAsync(int worker, CancellationToken stop)
    {
        var period = TimeSpan.FromSeconds((double)Workers / rate);
        var started = Stopwatch.GetTimestamp();
        var due = period * worker / Workers;
        while (!stop.IsCancellationRequested)
        {
            var wait = due - Stopwatch.GetElapsedTime(started);
            if (wait > TimeSpan.Zero) await Task.Delay(wait, TimeProvider.System, CancellationToken.None);
            var sent = Stopwatch.GetTimestamp();
            using (var request = rig.Request(premium: false))
            {
                using var answer = await _http.SendAsync(request, CancellationToken.None);
                Interlocked.Increment(ref answer.StatusCode == HttpStatusCode.Created ? ref _answered : ref _refused);
            }

            _milliseconds.Enqueue(Stopwatch.GetElapsedTime(sent).TotalMilliseconds);
            due += period;
        }
    }
}
