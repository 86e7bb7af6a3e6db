using System.Net;
using System.Net.Http.Headers;
using System.Net.WebSockets;
using Gateway.FunctionalTests.Kit;

namespace Gateway.FunctionalTests.Outcomes;

/// <summary>One request of one row, driven by hand: sent, its first part waited for, ended.</summary>
/// <param name="world">Where.</param>
/// <param name="row">What it is and how it ends.</param>
/// <param name="policy">Which route.</param>
/// <param name="ending">What the upstream does, where that does not follow from the row.</param>
/// <param name="id">What the upstream knows it by; for requests that are the same.</param>
internal sealed class OutcomeClient(OutcomeWorld world, OutcomeRow row, string policy, string? ending = null, string? id = null) : IDisposable
{
    private readonly CancellationTokenSource _gone = new();
    private readonly SocketsHttpHandler _handler = new();
    private readonly TaskCompletionSource _sent = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly string _id = id ?? Guid.NewGuid().ToString("N");
    private string _tail = "";
    private ClientWebSocket? _socket;
    private HttpResponseMessage? _response;

    public string? IdempotencyKey { get; init; }

    /// <summary>The upstream goes on after its first part.</summary>
    public void Release() => world.Upstream.Release(_id);

    /// <summary>How the gateway or the upstream ended it, in the words of the protocol.</summary>
    public string Reason => row.Protocol switch
    {
        Protocol.WebSocket => $"{(int?)_socket!.CloseStatus} {_socket.CloseStatusDescription}",
        Protocol.EventStream => _tail,
        Protocol.Http2 => _response!.TrailingHeaders.TryGetValues("Gateway-Problem", out var problem) ? problem.Single() : "",
        _ => _response!.TrailingHeaders.TryGetValues("grpc-status", out var status) ? status.Single() : "",
    };

    /// <summary>Does what the row says and comes back when the client has seen the end, or will not.</summary>
    public async Task RunAsync()
    {
        try
        {
            await BeginAsync();
            if (row.Ending == Ending.ResetMidBody) world.Upstream.Release(_id);
            if (row.Ending == Ending.ClientGoneMidBody) Leave();
            else if (row.Ending != Ending.ClientStalls) await ReadToEndAsync();
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException or IOException or WebSocketException)
        {
            // how it ends for the client is not what these rows are about
        }
    }

    /// <summary>Up to the first part of the answer, or where there is none, until it waits at the upstream.</summary>
    public async Task BeginAsync()
    {
        if (row.Ending == Ending.ClientGoneEarly)
        {
            var sending = SendAsync();
            await world.Upstream.ArrivedAsync(_id).WaitAsync(TimeSpan.FromSeconds(20), TimeProvider.System);
            Leave();
            await sending;
        }

        await SendAsync();
        if (_response is null || !_response.IsSuccessStatusCode) return;
        var first = new byte[6];
        await (await _response.Content.ReadAsStreamAsync(_gone.Token)).ReadAtLeastAsync(first, 1, throwOnEndOfStream: false, _gone.Token);
    }

    public async Task ReadToEndAsync()
    {
        if (row.Ending != Ending.Drain) _sent.SetResult();
        if (_socket is not null)
        {
            while (_socket.State == WebSocketState.Open && (await _socket.ReceiveAsync(new byte[100], _gone.Token)).MessageType != WebSocketMessageType.Close) ;
            if (_socket.State == WebSocketState.CloseReceived) await _socket.CloseAsync(WebSocketCloseStatus.NormalClosure, "", _gone.Token);
        }
        else
        {
            using var rest = new MemoryStream();
            await (await _response!.Content.ReadAsStreamAsync(_gone.Token)).CopyToAsync(rest, _gone.Token);
            _tail = System.Text.Encoding.UTF8.GetString(rest.ToArray());
        }
    }

    public void Dispose()
    {
        _response?.Dispose();
        _socket?.Dispose();
        _handler.Dispose();
        _gone.Dispose();
    }

    private void Leave()
    {
        _gone.Cancel();
        _socket?.Abort();
        _response?.Dispose();
    }

    private Uri Address()
    {
        var cluster = row.Protocol is Protocol.Http1 or Protocol.WebSocket or Protocol.EventStream ? "h1" : "h2";
        if (row.Ending == Ending.Refused) cluster = "refused";
        if (row.Ending is Ending.Timeout or Ending.ClientStalls) cluster += "-hasty";
        var kind = row.Protocol switch { Protocol.WebSocket => "ws", Protocol.EventStream => "sse", Protocol.Http1 or Protocol.Http2 => "http", _ => "grpc" };
        ending ??= row.Ending switch
        {
            Ending.ClientError => "403",
            Ending.ServerError => "500",
            Ending.Timeout or Ending.ClientGoneEarly => "hang",
            Ending.ResetEarly => "reset-early",
            Ending.ResetMidBody => "reset-mid",
            Ending.ClientGoneMidBody or Ending.Drain => "open",
            Ending.ClientStalls => "flood",
            _ => "ok",
        };
        return new Uri(kind is "http" or "grpc" && row.Protocol != Protocol.Http1 ? world.Http2 : world.Http1, $"/{cluster}/{policy}/{kind}/{ending}/{_id}");
    }

    private async Task SendAsync()
    {
        if (row.Protocol == Protocol.WebSocket)
        {
            _socket = new ClientWebSocket();
            _socket.Options.SetRequestHeader("X-API-Key", World.Key);
            await _socket.ConnectAsync(new UriBuilder(Address()) { Scheme = "ws" }.Uri, new HttpMessageInvoker(_handler, disposeHandler: false), _gone.Token);
            await _socket.ReceiveAsync(new byte[100], _gone.Token);
            return;
        }

        using var invoker = new HttpMessageInvoker(_handler, disposeHandler: false);
        var request = new HttpRequestMessage(HttpMethod.Post, Address()) { VersionPolicy = HttpVersionPolicy.RequestVersionExact, Content = Body() };
        request.Version = row.Protocol is Protocol.Http1 or Protocol.EventStream ? HttpVersion.Version11 : HttpVersion.Version20;
        request.Headers.Add("X-API-Key", World.Key);
        if (IdempotencyKey is not null) request.Headers.Add("Idempotency-Key", IdempotencyKey);
        if (row.Protocol is Protocol.GrpcUnary or Protocol.GrpcStreaming) request.Headers.TE.Add(new TransferCodingWithQualityHeaderValue("trailers"));
        _response = await invoker.SendAsync(request, _gone.Token);
    }

    /// <summary>A streaming call's request stays open as long as its answer.</summary>
    private HttpContent Body()
    {
        if (row.Protocol is not (Protocol.GrpcUnary or Protocol.GrpcStreaming)) return new StringContent("{}");
        HttpContent content = row.Protocol == Protocol.GrpcUnary ? new ByteArrayContent([0, 0, 0, 0, 1, 7]) : new OpenContent(_sent.Task, _gone.Token);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/grpc");
        return content;
    }

    private sealed class OpenContent(Task sent, CancellationToken end) : HttpContent
    {
        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            await stream.WriteAsync(new byte[] { 0, 0, 0, 0, 1, 7 }, end);
            await stream.FlushAsync(end);
            await sent.WaitAsync(end);
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
