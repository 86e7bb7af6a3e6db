using System.Collections.Concurrent;
using System.Diagnostics;

namespace Gateway.Bench.Load;

/// <summary>
/// Requests at a steady rate, whatever the answers. Latency counts from when a request was due, not from when it could be sent: a target that stands still for
/// a second is charged with every request of that second, and not with one (no coordinated omission).
/// </summary>
internal sealed class OpenLoad(Target target, int rate, int connections) : IDisposable
{
    private readonly BlockingCollection<HttpConnection> _idle = [];
    private readonly Latencies _lateness = new();
    private readonly TaskCompletionSource<Exception> _failure = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Latencies _all = new();
    private Latencies _window = new();
    private long _answered;

    /// <summary>Whether what could not be sent by the end is left out, for a rate that is more than the target can do.</summary>
    public bool GivesUp { get; init; }

    public long Answered => Interlocked.Read(ref _answered);

    /// <summary>Latencies since the last call.</summary>
    public Latencies TakeWindow() => Interlocked.Exchange(ref _window, new Latencies());

    /// <param name="duration">How long requests are sent; then the answers that are due are waited for.</param>
    /// <param name="stop">Ends it before.</param>
    public async Task<LoadResult> RunAsync(TimeSpan duration, CancellationToken stop)
    {
        using var opened = await Connections.OpenAsync(target, connections, stop);
        _all = new Latencies();
        foreach (var connection in opened.All) _idle.Add(connection, stop);
        var started = Stopwatch.GetTimestamp();
        var sender = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var thread = new Thread(() =>
        {
            try
            {
                SendAll(started, (long)(rate * duration.TotalSeconds), GivesUp ? duration : TimeSpan.MaxValue, stop);
                for (var i = 0; i < connections; i++) _idle.Take(stop); // every answer is there
                sender.SetResult();
            }
            catch (Exception e)
            {
                sender.SetException(e);
            }
        })
        { IsBackground = true, Name = "open load", Priority = ThreadPriority.AboveNormal };
        thread.Start();
        if (await Task.WhenAny(sender.Task, _failure.Task) == _failure.Task) throw await _failure.Task;
        await sender.Task;
        return LoadResult.Of(_all, Stopwatch.GetElapsedTime(started)) with { GeneratorLateness = _lateness.At(99) };
    }

    public void Dispose() => _idle.Dispose();

    private void SendAll(long started, long requests, TimeSpan within, CancellationToken stop)
    {
        Clock.BePrecise();
        var targetIsBehind = false;
        for (var i = 0L; i < requests && !_failure.Task.IsCompleted && Stopwatch.GetElapsedTime(started) < within; i++)
        {
            var due = started + (long)((Int128)i * Stopwatch.Frequency / rate);
            if (Stopwatch.GetTimestamp() < due) targetIsBehind = false;
            Clock.WaitUntil(due);
            if (!_idle.TryTake(out var connection))
            {
                targetIsBehind = true; // until what it has held up is sent
                connection = _idle.Take(stop);
            }

            if (!targetIsBehind) _lateness.Record(Clock.Nanoseconds(Stopwatch.GetTimestamp() - due));
            connection.Due = due;
            connection.Send();
            _ = ReceiveAsync(connection, stop);
        }
    }

    private async Task ReceiveAsync(HttpConnection connection, CancellationToken stop)
    {
        try
        {
            await connection.ReceiveAsync(stop);
            var took = Clock.Nanoseconds(Stopwatch.GetTimestamp() - connection.Due);
            _all.Record(took);
            Volatile.Read(ref _window).Record(took);
            Interlocked.Increment(ref _answered);
            _idle.Add(connection, CancellationToken.None);
        }
        catch (Exception e)
        {
            _failure.TrySetResult(e);
        }
    }
}
