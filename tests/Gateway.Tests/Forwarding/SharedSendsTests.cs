using System.IO.Pipelines;
using System.Text;
using Gateway.Forwarding;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Gateway.Tests.Forwarding;

public sealed class SharedSendsTests
{
    private readonly HeldSends _client = new();

    [Fact]
    public async Task Answers_that_come_while_one_is_sent_leave_together_and_in_order()
    {
        await ServeAsync(HttpProtocol.Http2, async answers =>
        {
            await WriteAsync(answers, "one ");
            await _client.Begun.WaitAsync(TestContext.Current.CancellationToken);
            await WriteAsync(answers, "two ");
            await WriteAsync(answers, "three ");
            _client.Release();
        });

        Assert.Equal(["one ", "two three "], _client.Sent);
    }

    [Fact]
    public async Task Over_http_1_each_leaves_on_the_thread_that_writes_it()
    {
        _client.Release();

        await ServeAsync(HttpProtocol.Http11, async answers =>
        {
            await WriteAsync(answers, "one ");
            Assert.Equal(["one "], _client.Sent);
            await WriteAsync(answers, "two ");
            Assert.Equal(["one ", "two "], _client.Sent);
        });
    }

    [Fact]
    public async Task Who_writes_to_a_client_that_is_gone_learns_it()
    {
        _client.Fail();

        await ServeAsync(HttpProtocol.Http11, async answers =>
        {
            await WriteAsync(answers, "one ");
            await Assert.ThrowsAsync<IOException>(() => WriteAsync(answers, "two "));
        });
    }

    private Task ServeAsync(string protocol, Func<PipeWriter, Task> requests)
    {
        var connection = new DefaultConnectionContext { Transport = new Duplex(_client) };
        return SharedSends.ServeAsync(connection, async served =>
        {
            served.Features.Set<IHttpRequestFeature>(new HttpRequestFeature { Protocol = protocol });
            SharedSends.Note(new DefaultHttpContext(served.Features));
            await requests(served.Transport.Output);
        });
    }

    private static async Task WriteAsync(PipeWriter answers, string text) => await answers.WriteAsync(Encoding.ASCII.GetBytes(text), TestContext.Current.CancellationToken);

    /// <summary>A client's side whose sends end when the test says so.</summary>
    private sealed class HeldSends : PipeWriter
    {
        private readonly StringBuilder _written = new();
        private readonly TaskCompletionSource _begun = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource _released = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private byte[] _free = [];

        public List<string> Sent { get; } = [];

        public Task Begun => _begun.Task;

        public void Release() => _released.SetResult();

        public void Fail() => _released.SetException(new IOException("gone"));

        public override async ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default)
        {
            Sent.Add(_written.ToString());
            _written.Clear();
            _begun.TrySetResult();
            await _released.Task;
            return default;
        }

        public override Memory<byte> GetMemory(int sizeHint = 0) => _free = new byte[Math.Max(sizeHint, 256)];

        public override Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

        public override void Advance(int bytes) => _written.Append(Encoding.ASCII.GetString(_free, 0, bytes));

        public override void CancelPendingFlush() => throw new NotSupportedException();

        public override void Complete(Exception? exception = null)
        {
        }
    }

    private sealed record Duplex(PipeWriter Output) : IDuplexPipe
    {
        public PipeReader Input => throw new NotSupportedException();
    }
}
