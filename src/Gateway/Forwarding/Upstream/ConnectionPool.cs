using System.Text;

namespace Gateway.Forwarding.Upstream;

/// <summary>The connections to one host and port. The one used last is used first, so that those not needed grow old and are closed.</summary>
internal sealed class ConnectionPool(string host, int port, string hostLine, UpstreamSettings settings, TimeProvider clock) : IDisposable
{
    private readonly Lock _gate = new();
    private readonly Queue<TaskCompletionSource<Http1Connection?>> _waiting = new();
    private Http1Connection?[] _idle = new Http1Connection?[16];
    private int _idleCount;
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
            lock (_gate) return _idleCount;
        }
    }

    /// <summary>An idle connection that is usable as far as can be seen, or null.</summary>
    public Http1Connection? TryTake()
    {
        while (true)
        {
            Http1Connection connection;
            lock (_gate)
            {
                if (_idleCount == 0) return null;
                connection = _idle[--_idleCount]!;
                _idle[_idleCount] = null;
            }

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
                else if (_idleCount == 0) _waiting.Enqueue(turn = new TaskCompletionSource<Http1Connection?>(TaskCreationOptions.RunContinuationsAsynchronously));
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

                if (_idleCount == _idle.Length) Array.Resize(ref _idle, _idle.Length * 2);
                _idle[_idleCount++] = connection;
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
        List<Http1Connection>? dropped = null;
        lock (_gate)
        {
            var kept = 0;
            for (var i = 0; i < _idleCount; i++)
            {
                var connection = _idle[i]!;
                if (IsFresh(connection) && connection.IsQuiet) _idle[kept++] = connection;
                else (dropped ??= []).Add(connection);
            }

            Array.Clear(_idle, kept, _idleCount - kept);
            _idleCount = kept;
        }

        if (dropped is null) return;
        foreach (var connection in dropped) connection.Abort();
    }

    public void Dispose()
    {
        Http1Connection?[] idle;
        lock (_gate)
        {
            _isDisposed = true;
            idle = _idle[.._idleCount];
            Array.Clear(_idle);
            _idleCount = 0;
        }

        foreach (var connection in idle) connection!.Abort();
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
