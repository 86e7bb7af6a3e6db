using System.Collections.Concurrent;

namespace Gateway.Forwarding.Upstream;

/// <summary>
/// Ends an exchange when its client is gone, or nothing has happened for the cluster's <c>ActivityTimeout</c>. Used again and again: beginning an exchange and
/// noting that something happened is a write each, and one clock looks at all of them.
/// </summary>
internal sealed class ExchangeTimer : IDisposable
{
    /// <summary>How late a timeout can be.</summary>
    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(50);

    private const long Idle = 0;
    private const long Fired = -1;

    /// <summary>Milliseconds; a deadline so far away is still a number.</summary>
    private const long Forever = long.MaxValue / 2;

    private static readonly Spares<ExchangeTimer> Kept = new(4096);
    private static readonly ConcurrentDictionary<ExchangeTimer, byte> All = new();
    private static readonly Timer Clock = new(_ => FireDue(), null, Period, Period);

    private readonly CancellationTokenSource _source = new();
    private CancellationTokenRegistration _client;
    private CancellationTokenRegistration _cut;
    private long _patience;
    private long _deadline;
    private bool _isClientGone;
    private Http1Connection? _guarded;

    private ExchangeTimer() => All.TryAdd(this, 0);

    public CancellationToken Token => _source.Token;

    /// <summary>Nobody asked for the end: the upstream, or the client, was silent for too long.</summary>
    public bool IsOver => Volatile.Read(ref _deadline) == Fired && !Volatile.Read(ref _isClientGone);

    public static ExchangeTimer Start(TimeSpan patience, CancellationToken client)
    {
        GC.KeepAlive(Clock);
        var timer = Kept.TryTake() ?? new ExchangeTimer();
        timer._patience = patience == Timeout.InfiniteTimeSpan ? Forever : (long)patience.TotalMilliseconds;
        Volatile.Write(ref timer._deadline, Environment.TickCount64 + timer._patience);
        timer._client = timer.Follow(client);
        return timer;
    }

    /// <summary>Whoever waits for the connection fails as soon as the time is over, or the client gone, until <see cref="Release"/>.</summary>
    public void Guard(Http1Connection connection)
    {
        Interlocked.Exchange(ref _guarded, connection);
        if (_source.IsCancellationRequested) AbortGuarded(); // it may have been before there was anything to abort
    }

    /// <summary>The connection serves others from here on. False when it was aborted, or will be in a moment, or there is none.</summary>
    public bool Release() => _guarded is not null && Interlocked.Exchange(ref _guarded, null) is not null;

    /// <summary>Something has happened.</summary>
    public void Restart()
    {
        var was = Volatile.Read(ref _deadline);
        if (was != Fired) Interlocked.CompareExchange(ref _deadline, Environment.TickCount64 + _patience, was);
    }

    /// <summary>The answer can be cut from now on, by another token than the client's going away.</summary>
    public void AlsoFollow(CancellationToken cut) => _cut = Follow(cut);

    public void Dispose()
    {
        _client.Dispose();
        _cut.Dispose();
        (_client, _cut) = (default, default);
        var isGood = Interlocked.Exchange(ref _deadline, Idle) != Fired && !_source.IsCancellationRequested;
        if (isGood && Kept.TryKeep(this)) return;
        All.TryRemove(this, out _);
        _source.Dispose();
    }

    private static void FireDue()
    {
        var now = Environment.TickCount64;
        foreach (var (timer, _) in All)
        {
            var deadline = Volatile.Read(ref timer._deadline);
            if (deadline > Idle && deadline <= now && Interlocked.CompareExchange(ref timer._deadline, Fired, deadline) == deadline) timer.Cancel();
        }
    }

    private CancellationTokenRegistration Follow(CancellationToken token) => token.UnsafeRegister(
        static state =>
        {
            var timer = (ExchangeTimer)state!;
            Volatile.Write(ref timer._isClientGone, true);
            timer.Cancel();
        },
        this);

    private void Cancel()
    {
        try
        {
            _source.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // The exchange was over in this moment.
        }

        AbortGuarded();
    }

    private void AbortGuarded() => Interlocked.Exchange(ref _guarded, null)?.Abort();
}
