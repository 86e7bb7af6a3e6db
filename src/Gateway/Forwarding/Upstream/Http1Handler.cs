using System.Collections.Concurrent;

namespace Gateway.Forwarding.Upstream;

/// <summary>
/// Speaks HTTP/1.1 with upstreams in the clear by itself, and leaves every other request to the handler behind it: TLS, HTTP/2 by prior knowledge,
/// upgrades, <c>Expect: 100-continue</c>, and what it can not write as it stands.
/// </summary>
internal sealed class Http1Handler : DelegatingHandler
{
    private readonly ConcurrentDictionary<(string Host, int Port), ConnectionPool> _pools = new();
    private readonly UpstreamSettings _settings;
    private readonly TimeProvider _clock;
    private readonly Scavenger _scavenger;
    private ConnectionPool? _latest;

    public Http1Handler(SocketsHttpHandler inner, UpstreamSettings settings, TimeProvider clock)
        : base(inner)
    {
        _settings = settings;
        _clock = clock;
        _scavenger = new Scavenger(_pools, settings, clock);
    }

    /// <summary>Connections of all upstreams, idle and in use.</summary>
    public int OpenConnections => _pools.Values.Sum(p => p.Open);

    public int IdleConnections => _pools.Values.Sum(p => p.Idle);

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested) return Task.FromCanceled<HttpResponseMessage>(cancellationToken);
        if (!IsPlain(request) || !TraceHeaders.TryAdd(request, _settings.Propagator)) return base.SendAsync(request, cancellationToken);
        var pool = PoolOf(request.RequestUri!);
        var head = new RequestHead();
        if (head.TryWrite(request, pool.HostLine)) return SendAsync(request, pool, head, cancellationToken);
        head.Dispose();
        return base.SendAsync(request, cancellationToken);
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _scavenger.Dispose();
            foreach (var pool in _pools.Values) pool.Dispose();
        }

        base.Dispose(disposing);
    }

    /// <summary>Whether <see cref="SocketsHttpHandler"/> would speak HTTP/1.1 in the clear: also for HTTP/2 that may be downgraded.</summary>
    private static bool IsPlain(HttpRequestMessage request) =>
        request is { RequestUri: { IsAbsoluteUri: true } uri, Version: var version }
        && (version is { Major: 1, Minor: 1 } || (version is { Major: 2, Minor: 0 } && request.VersionPolicy == HttpVersionPolicy.RequestVersionOrLower))
        && uri.Scheme == Uri.UriSchemeHttp
        && request.Method != HttpMethod.Connect;

    private static async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, ConnectionPool pool, RequestHead head, CancellationToken cancellationToken)
    {
        try
        {
            for (var retries = 0; ; retries++)
            {
                var connection = pool.TryTakeFor(retries) ?? await pool.ConnectAsync(cancellationToken);
                if (await connection.ExchangeAsync(request, head, mayRetry: retries < Http1Connection.MaxRetries, cancellationToken) is { } response) return response;
            }
        }
        finally
        {
            head.Dispose();
        }
    }

    private ConnectionPool PoolOf(Uri uri) =>
        _latest is { } latest && latest.Port == uri.Port && latest.Host == uri.IdnHost ? latest : PoolOf(new UpstreamAddress(uri));

    /// <summary>The connections to an upstream.</summary>
    public ConnectionPool PoolOf(UpstreamAddress address)
    {
        var latest = _latest;
        if (latest is not null && latest.Port == address.Port && latest.Host == address.Host) return latest;
        return _latest = _pools.GetOrAdd(
            (address.Host, address.Port),
            static (key, state) => new ConnectionPool(key.Host, key.Port, state.address.HostLine, state.handler._settings, state.handler._clock),
            (handler: this, address));
    }
}
