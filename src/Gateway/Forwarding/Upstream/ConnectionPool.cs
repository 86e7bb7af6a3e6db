using System.Text;

namespace Gateway.Forwarding.Upstream;

/// <summary>
/// The connections to one host and port. First comes one that the asking thread hears of by itself: then a request stays on one processor, from the client's
/// bytes to the answer's last. Of those the one used last, so that those not needed grow old and are closed.
/// </summary>
internal sealed class ConnectionPool(string host, int port, string hostLine, UpstreamSettings settings, TimeProvider clock) : IDisposable
{
    private readonly Lock _gate = new();
    private readonly Queue<TaskCompletionSource<Http1Connection?>> _waiting = new();
    private readonly IdleByHome<Http1Connection> _idle = new();
    private HomeGrowth _growth; // not readonly: it changes in place
    private int _open;
    private bool _isDisposed;

    public string Host => host;

    public int Port => port;

    /// <summary>The <c>Host</c> header of a request that brings none.</summary>
    public byte[] HostLine { get; } = Encoding.ASCII.GetBytes(hostLine);

    /// <summary>Connections, idle, in use or being opened.</summary>
    public int Open
    {
        get
        {
            lock (_gate) return _open;
        }
    }

    public int Idle
    {
        get
        {
            lock (_gate) return _idle.Count;
        }
    }

    /// <summary>
    /// An idle connection that is usable as far as can be seen, or null. None but for the first try: where one was dead without a sign, those that rested
    /// with it are as well.
    /// </summary>
    public Http1Connection? TryTakeFor(int retries) => retries == 0 ? TryTake() : null;

    private Http1Connection? TryTake()
    {
        while (true)
        {
            Http1Connection? connection;
            lock (_gate)
            {
                _growth.Taking(_open - _idle.Count);
                var home = HomeThread.Current;
                connection = _idle.TryTakeAt(home);
                if (connection is null && _idle.Count > 0 && !_growth.Opens(_open, settings.MaxConnectionsPerServer)) connection = _idle.TryTake(home);
            }

            if (connection is null) return null;
            if (IsFresh(connection) && connection.TryPrepare()) return connection;
            connection.Abort();
        }
    }

    /// <summary>A new connection, or one that becomes free when there are as many as may be.</summary>
    public async ValueTask<Http1Connection> ConnectAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            bool mayOpen;
            TaskCompletionSource<Http1Connection?>? turn = null;
            lock (_gate)
            {
                mayOpen = _open < settings.MaxConnectionsPerServer;
                if (mayOpen) _open++;
                else if (_idle.Count == 0) _waiting.Enqueue(turn = new TaskCompletionSource<Http1Connection?>(TaskCreationOptions.RunContinuationsAsynchronously));
            }

            if (mayOpen) return await OpenAsync(cancellationToken);
            var connection = turn is null ? TryTake() : await WaitAsync(turn, cancellationToken);
            if (connection is not null && (turn is null || connection.TryPrepareOrAbort())) return connection;
        }
    }

    /// <summary>The connection has served its request and can serve another.</summary>
    public void Return(Http1Connection connection)
    {
        lock (_gate)
        {
            if (!_isDisposed)
            {
                while (_waiting.TryDequeue(out var turn))
                {
                    if (turn.TrySetResult(connection)) return;
                }

                _idle.Add(connection.Home, connection);
                return;
            }
        }

        connection.Abort();
    }

    /// <summary>The connection is closed: somebody else may open one.</summary>
    public void Forget()
    {
        lock (_gate)
        {
            _open--;
            while (_waiting.TryDequeue(out var turn) && !turn.TrySetResult(null))
            {
            }
        }
    }

    /// <summary>Closes what was idle for too long, is too old, or was closed by the upstream.</summary>
    public void Scavenge()
    {
        IReadOnlyList<Http1Connection> dropped;
        lock (_gate) dropped = _idle.TakeOut(c => !IsFresh(c) || !c.IsQuiet);
        foreach (var connection in dropped) connection.Abort();
    }

    public void Dispose()
    {
        IReadOnlyList<Http1Connection> idle;
        lock (_gate)
        {
            _isDisposed = true;
            idle = _idle.TakeOut(_ => true);
        }

        foreach (var connection in idle) connection.Abort();
    }

    private static async ValueTask<Http1Connection?> WaitAsync(TaskCompletionSource<Http1Connection?> turn, CancellationToken cancellationToken)
    {
        using var registration = cancellationToken.UnsafeRegister(static (state, token) => ((TaskCompletionSource<Http1Connection?>)state!).TrySetCanceled(token), turn);
        return await turn.Task;
    }

    private async ValueTask<Http1Connection> OpenAsync(CancellationToken cancellationToken)
    {
        try
        {
            var socket = await Connector.ConnectAsync(host, port, settings.ConnectTimeout, clock, cancellationToken);
            return new Http1Connection(socket, this, settings.MaxHeaderBytes, clock);
        }
        catch
        {
            Forget();
            throw;
        }
    }

    private bool IsFresh(Http1Connection connection)
    {
        var idleLimit = settings.IdleTimeout;
        if (connection.KeepAlive is { } stated && (idleLimit == Timeout.InfiniteTimeSpan || stated < idleLimit)) idleLimit = stated;
        return (idleLimit == Timeout.InfiniteTimeSpan || connection.IdleFor < idleLimit)
            && (settings.Lifetime == Timeout.InfiniteTimeSpan || connection.Age < settings.Lifetime);
    }
}
