using System.Net.Sockets;

namespace Gateway.Forwarding.Upstream;

/// <summary>
/// Where a request's body is written to. What is there at once leaves together with the headers; from then on every write is sent as it comes.
/// It may still run when the answer has arrived.
/// </summary>
internal sealed class RequestBody(Http1Connection connection, RequestHead head) : Stream
{
    /// <summary>More than this is not copied behind the headers.</summary>
    private const int MaxGathered = 16 * 1024;

    private readonly Lock _gate = new();
    private bool _isGathering = true;
    private Task? _flushing;
    private long _written;
    private bool _isBroken;

    /// <summary>Why the body did not come to its end, unless it was the upstream that did not take it.</summary>
    public Exception? Failure { get; private set; }

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>Begins to send. Completes when there is nothing more to send, or the client has no more to send for now.</summary>
    public ValueTask StartAsync(HttpContent content, CancellationToken cancellationToken)
    {
        head.Share();
        Task copying;
        try
        {
            copying = content.CopyToAsync(this, cancellationToken);
        }
        catch (Exception e)
        {
            copying = Task.FromException(e);
        }

        if (copying.IsCompletedSuccessfully) return new ValueTask(FinishAsync(copying));
        FlushGathered();
        _ = FinishAsync(copying); // never throws
        return default;
    }

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (buffer.IsEmpty) return default;
        _written += buffer.Length;
        if (!head.IsChunked && _written > head.ContentLength) return ValueTask.FromException(new HttpRequestException("The request's body is longer than its Content-Length."));
        lock (_gate)
        {
            if (_isGathering && head.Length + buffer.Length <= MaxGathered)
            {
                Append(buffer.Span);
                return default;
            }
        }

        return SendAsync(buffer, cancellationToken);
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    /// <summary>Nothing is held back beyond the first moment.</summary>
    public override Task FlushAsync(CancellationToken cancellationToken) =>
        cancellationToken.IsCancellationRequested ? Task.FromCanceled(cancellationToken) : Task.CompletedTask;

    public override void Flush()
    {
    }

    public override void Write(byte[] buffer, int offset, int count) => WriteAsync(buffer.AsMemory(offset, count)).AsTask().GetAwaiter().GetResult();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    private void Append(ReadOnlySpan<byte> data)
    {
        if (head.IsChunked) head.AppendChunk(data);
        else head.Append(data);
    }

    private async ValueTask SendAsync(ReadOnlyMemory<byte> data, CancellationToken cancellationToken)
    {
        try
        {
            if (_isBroken) throw new IOException("The upstream has closed the connection.");
            await GatheredAsync();
            var registration = connection.AbortWhen(cancellationToken); // the request's own may be over with its answer
            try
            {
                if (head.IsChunked)
                {
                    head.AppendChunk(data.Span);
                    await connection.SendAsync(head.Written);
                    head.Clear();
                }
                else
                {
                    await connection.SendAsync(data);
                }
            }
            finally
            {
                registration.Dispose();
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException or IOException)
        {
            _isBroken = true;
            if (cancellationToken.IsCancellationRequested) throw UpstreamErrors.Cancelled(e, cancellationToken);
            throw UpstreamErrors.OfTransport(e);
        }
    }

    /// <summary>Sends what was gathered, if nobody has, and waits until it is sent.</summary>
    private Task GatheredAsync()
    {
        FlushGathered();
        return _flushing!;
    }

    private void FlushGathered()
    {
        lock (_gate)
        {
            if (!_isGathering) return;
            _isGathering = false;
            _flushing = SendGatheredAsync();
        }
    }

    private async Task SendGatheredAsync()
    {
        await connection.SendAsync(head.Written);
        head.Clear();
    }

    private async Task FinishAsync(Task copying)
    {
        try
        {
            await copying;
            if (!head.IsChunked && _written != head.ContentLength && !_isBroken)
            {
                throw new HttpRequestException("The request's body has not the length its Content-Length says.");
            }

            if (!_isBroken) await SendEndAsync();
        }
        catch (SocketException)
        {
            _isBroken = true;
        }
        catch (ObjectDisposedException)
        {
            _isBroken = true;
        }
        catch (Exception e)
        {
            Failure = e; // first: who waits for the answer looks at it when the connection breaks
            connection.Abort();
        }
        finally
        {
            await ((_flushing ?? Task.CompletedTask).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing));
            head.Dispose();
            connection.RequestIsOver(isWhole: Failure is null && !_isBroken);
        }
    }

    private async Task SendEndAsync()
    {
        var isAlone = true;
        lock (_gate)
        {
            if (_isGathering)
            {
                if (head.IsChunked) head.Append("0\r\n\r\n"u8);
                isAlone = false;
            }
        }

        await GatheredAsync();
        if (isAlone && head.IsChunked) await connection.SendAsync("0\r\n\r\n"u8.ToArray());
    }
}
