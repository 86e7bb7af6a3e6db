using System.Runtime.CompilerServices;

namespace Gateway.Forwarding.Upstream;

/// <summary>
/// An answer's body as it comes from the connection, which goes back to its pool with the last byte. Disposed before that, the connection is closed.
/// For one reader at a time.
/// </summary>
internal sealed class ResponseBody(Http1Connection connection, ResponseHead head) : Stream
{
    private readonly bool _isChunked = head.Framing.IsChunked;
    private readonly bool _endsWithConnection = head.Framing is { IsChunked: false, Length: null };
    private long _left = head.Framing.Length ?? long.MaxValue;
    private ChunkReader _chunks;
    private Http1Connection? _connection = connection;
    private Exception? _failure;
    private Exception? _failureBehind;
    private int _isDisposed;
    private int _isReading;

    /// <summary>After the end: what came behind it, of an answer that goes straight to the client.</summary>
    public IReadOnlyList<(string Name, string Value)>? Trailers { get; private set; }

    public override bool CanRead => _isDisposed == 0;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>An empty buffer waits until there is something to read.</summary>
    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (cancellationToken.IsCancellationRequested) return ValueTask.FromCanceled<int>(cancellationToken);
        if (_connection is null) return AfterEnd();
        if (Interlocked.Exchange(ref _isReading, 1) != 0) throw new InvalidOperationException("The body is being read already.");
        try
        {
            if (TryRead(buffer.Span, out var read))
            {
                Leave();
                return new ValueTask<int>(read);
            }
        }
        catch (Exception e)
        {
            return ValueTask.FromException<int>(Fail(e, cancellationToken));
        }

        return ReceiveAsync(buffer, cancellationToken);
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => ReadAsync(buffer.AsMemory(offset, count)).AsTask().GetAwaiter().GetResult();

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing && Interlocked.Exchange(ref _isDisposed, 1) == 0 && _connection is { } connection)
        {
            if (Interlocked.Exchange(ref _isReading, 1) != 0) connection.Abort(); // the reader finds out
            else DropRest(connection);
        }

        base.Dispose(disposing);
    }

    private ValueTask<int> AfterEnd()
    {
        if (_failure is not null) return ValueTask.FromException<int>(new IOException("The answer broke off before.", _failure));
        return _isDisposed == 0 ? new ValueTask<int>(0) : ValueTask.FromException<int>(new ObjectDisposedException(nameof(ResponseBody)));
    }

    /// <summary>What was received already costs nothing to skip.</summary>
    private void DropRest(Http1Connection connection)
    {
        try
        {
            Span<byte> skipped = stackalloc byte[1024];
            while (_connection is not null && TryRead(skipped, out var read) && read > 0)
            {
            }
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            // Of no interest to anybody any more.
        }

        if (_connection is null) return;
        _connection = null;
        connection.Abort();
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<int> ReceiveAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        try
        {
            var connection = _connection!;
            while (true)
            {
                var isDirect = IsDirect(buffer.Length, connection.Received);
                int received;
                var registration = connection.AbortWhen(cancellationToken);
                try
                {
                    received = await connection.ReceiveAsync(isDirect ? buffer[..(int)Math.Min(buffer.Length, _left)] : connection.Received.Free);
                }
                finally
                {
                    registration.Dispose(); // afterwards the connection may serve somebody else
                }

                if (cancellationToken.IsCancellationRequested) throw UpstreamErrors.Cancelled(null, cancellationToken);
                ObjectDisposedException.ThrowIf(connection.IsAborted, this);
                if (received == 0 && !(isDirect && buffer.IsEmpty)) return End();
                if (isDirect)
                {
                    if (!buffer.IsEmpty) TakeDirect(received);
                    Leave();
                    return received;
                }

                connection.Received.Commit(received);
                connection.Received.GrowForBody();
                if (!TryRead(buffer.Span, out var read)) continue;
                Leave();
                return read;
            }
        }
        catch (Exception e)
        {
            throw Fail(e, cancellationToken);
        }
    }

    /// <summary>Much of a body is received where it is wanted; a wait for much of it needs no buffer.</summary>
    private bool IsDirect(int wanted, ReceiveBuffer received) =>
        !_isChunked && received.Length == 0 && (wanted == 0 ? _left > received.Capacity : wanted >= received.Capacity);

    private bool TryRead(Span<byte> buffer, out int read)
    {
        var received = _connection!.Received;
        read = 0;
        if (_isChunked) return TryReadChunks(received, buffer, out read);
        if (received.Length == 0) return false;
        if (buffer.IsEmpty) return true;
        read = received.Take(buffer[..(int)Math.Min(buffer.Length, _left)]);
        TakeDirect(read);
        return true;
    }

    private void TakeDirect(int read)
    {
        if (_endsWithConnection) return;
        _left -= read;
        if (_left == 0) Complete();
    }

    private bool TryReadChunks(ReceiveBuffer received, Span<byte> buffer, out int read)
    {
        read = 0;
        if (_failureBehind is not null) throw _failureBehind;
        while (true)
        {
            ReadOnlySpan<byte> data;
            try
            {
                data = _chunks.Peek(received, head, Math.Max(buffer.Length, 1));
            }
            catch (Exception e) when (read > 0)
            {
                _failureBehind = e; // first what came before it
                return true;
            }

            if (data.IsEmpty)
            {
                if (_chunks.IsOver) Complete();
                return _chunks.IsOver || read > 0;
            }

            if (buffer.IsEmpty) return true;
            data.CopyTo(buffer);
            buffer = buffer[data.Length..];
            read += data.Length;
            _chunks.Consume(received, data.Length);
            if (buffer.IsEmpty) return true;
        }
    }

    /// <summary>The upstream has closed the connection.</summary>
    private int End()
    {
        if (!_endsWithConnection) throw UpstreamErrors.Ended();
        Complete();
        Leave();
        return 0;
    }

    private void Complete()
    {
        var connection = _connection!;
        _connection = null;
        Trailers = head.Trailers; // the connection is somebody else's from here on
        connection.AnswerIsOver(isWhole: !_endsWithConnection);
    }

    private void Leave() => Volatile.Write(ref _isReading, 0);

    private Exception Fail(Exception e, CancellationToken cancellationToken)
    {
        var connection = _connection;
        _connection = null;
        connection?.Abort();
        Leave();
        return _failure = UpstreamErrors.InAnswer(e, cancellationToken);
    }
}
