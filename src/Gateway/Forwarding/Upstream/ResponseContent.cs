using System.Net;

namespace Gateway.Forwarding.Upstream;

/// <summary>An answer's content: its headers, and the stream of its body as it comes.</summary>
internal sealed class ResponseContent : HttpContent
{
    private static readonly Task<Stream> NoBody = Task.FromResult(Stream.Null);

    private ResponseBody? _body;
    private bool _isTaken;

    public void SetBody(ResponseBody body) => _body = body;

    protected override Task<Stream> CreateContentReadStreamAsync() => Task.FromResult(CreateContentReadStream(default));

    protected override Task<Stream> CreateContentReadStreamAsync(CancellationToken cancellationToken)
    {
        if (_body is null) return NoBody;
        return Task.FromResult(CreateContentReadStream(cancellationToken));
    }

    protected override Stream CreateContentReadStream(CancellationToken cancellationToken)
    {
        if (_isTaken) throw new InvalidOperationException("The body was already read.");
        _isTaken = true;
        return _body ?? Stream.Null;
    }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => SerializeToStreamAsync(stream, context, default);

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        await using var body = CreateContentReadStream(cancellationToken);
        await body.CopyToAsync(stream, cancellationToken);
    }

    protected override bool TryComputeLength(out long length)
    {
        length = 0;
        return false;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing) _body?.Dispose();
        base.Dispose(disposing);
    }
}
