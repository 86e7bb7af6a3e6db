using System.Net;
using System.Text;

namespace Gateway.Tests.Forwarding.Upstream;

/// <summary>A request's body that ends when the test says so, in the way the test says. Tells like YARP's how it went.</summary>
internal sealed class SlowBody(string first, string last) : HttpContent
{
    private readonly TaskCompletionSource _rest = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<Exception?> _taken = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Why the upstream did not take it all, if it did not.</summary>
    public Task<Exception?> Taken => _taken.Task;

    public void GoOn() => _rest.TrySetResult();

    public void Break() => _rest.TrySetException(new IOException("The client's body broke off."));

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => SerializeToStreamAsync(stream, context, default);

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        await stream.FlushAsync(cancellationToken);
        if (first.Length > 0) await stream.WriteAsync(Encoding.ASCII.GetBytes(first), cancellationToken);
        await _rest.Task.WaitAsync(cancellationToken);
        try
        {
            await stream.WriteAsync(Encoding.ASCII.GetBytes(last), cancellationToken);
            _taken.TrySetResult(null);
        }
        catch (Exception e)
        {
            _taken.TrySetResult(e); // and it ends as if nothing had been: so does YARP's
        }
    }

    protected override bool TryComputeLength(out long length)
    {
        length = 0;
        return false;
    }
}
