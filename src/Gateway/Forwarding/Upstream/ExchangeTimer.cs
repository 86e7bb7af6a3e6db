using System.Collections.Concurrent;

namespace Gateway.Forwarding.Upstream;

/// <summary>Ends an exchange when its client is gone, or nothing has happened for the cluster's <c>ActivityTimeout</c>. Used again and again.</summary>
internal sealed class ExchangeTimer : IDisposable
{
    private const int MostKept = 1024;

    private static readonly ConcurrentQueue<ExchangeTimer> Kept = new();
    private readonly CancellationTokenSource _source = new();
    private CancellationTokenRegistration _client;
    private CancellationTokenRegistration _cut;
    private TimeSpan _patience;
    private bool _isClientGone;

    public CancellationToken Token => _source.Token;

    /// <summary>Nobody asked for the end: the upstream, or the client, was silent for too long.</summary>
    public bool IsOver => _source.IsCancellationRequested && !Volatile.Read(ref _isClientGone);

    public static ExchangeTimer Start(TimeSpan patience, CancellationToken client)
    {
        if (!Kept.TryDequeue(out var timer)) timer = new ExchangeTimer();
        timer._patience = patience;
        timer._client = timer.Follow(client);
        timer.Restart();
        return timer;
    }

    /// <summary>Something has happened.</summary>
    public void Restart() => _source.CancelAfter(_patience);

    /// <summary>The answer can be cut from now on, by another token than the client's going away.</summary>
    public void AlsoFollow(CancellationToken cut) => _cut = Follow(cut);

    public void Dispose()
    {
        _client.Dispose();
        _cut.Dispose();
        (_client, _cut, _isClientGone) = (default, default, false);
        if (_source.TryReset() && Kept.Count < MostKept) Kept.Enqueue(this);
        else _source.Dispose();
    }

    private CancellationTokenRegistration Follow(CancellationToken token) => token.UnsafeRegister(
        static state =>
        {
            var timer = (ExchangeTimer)state!;
            Volatile.Write(ref timer._isClientGone, true);
            timer._source.Cancel();
        },
        this);
}
