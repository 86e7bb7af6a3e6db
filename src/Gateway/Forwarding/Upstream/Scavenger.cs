using System.Collections.Concurrent;

namespace Gateway.Forwarding.Upstream;

/// <summary>Closes idle connections in time. Holds a handler's pools weakly: a handler that YARP has dropped without disposing it must go.</summary>
internal sealed class Scavenger : IDisposable
{
    private readonly ITimer? _timer;

    public Scavenger(ConcurrentDictionary<(string Host, int Port), ConnectionPool> pools, UpstreamSettings settings, TimeProvider clock)
    {
        if (settings.IdleTimeout <= TimeSpan.Zero) return; // infinite, or never idle: nothing is to be found later
        var period = TimeSpan.FromSeconds(Math.Clamp(settings.IdleTimeout.TotalSeconds / 4, 1, 15));
        using (ExecutionContext.SuppressFlow())
        {
            _timer = clock.CreateTimer(Sweep, new WeakReference<ConcurrentDictionary<(string Host, int Port), ConnectionPool>>(pools), period, period);
        }
    }

    public void Dispose() => _timer?.Dispose();

    private static void Sweep(object? state)
    {
        if (!((WeakReference<ConcurrentDictionary<(string Host, int Port), ConnectionPool>>)state!).TryGetTarget(out var pools)) return;
        foreach (var pool in pools.Values) pool.Scavenge();
    }
}
