using System.Net;
using System.Net.Sockets;
using System.Text;
using BenchmarkDotNet.Attributes;
using Gateway.Forwarding;
using Gateway.Forwarding.Upstream;

namespace Gateway.Benchmarks;

/// <summary>One request to an upstream on loopback and its answer of 330 bytes, as YARP asks for it: the gateway's own client against .NET's.</summary>
[MemoryDiagnoser]
public class UpstreamClientBenchmarks
{
    private static readonly byte[] Answer = Encoding.ASCII.GetBytes(
        $"HTTP/1.1 200 OK\r\nServer: bench\r\nDate: Thu, 01 Jan 2026 00:00:00 GMT\r\nContent-Type: application/json\r\nContent-Length: 330\r\nConnection: keep-alive\r\nETag: \"1\"\r\n\r\n{new string('x', 330)}");

    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly byte[] _buffer = new byte[64 * 1024];
    private HttpMessageInvoker _lean = null!;
    private HttpMessageInvoker _default = null!;
    private Uri _uri = null!;

    [GlobalSetup]
    public void Setup()
    {
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _listener.Listen();
        _uri = new Uri($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndPoint!).Port}/");
        new Thread(Accept) { IsBackground = true }.Start();
        _default = new HttpMessageInvoker(NewHandler());
        var inner = NewHandler();
        _lean = new HttpMessageInvoker(new Http1Handler(inner, UpstreamSettings.TryRead(inner)!, TimeProvider.System));
    }

    [Benchmark(Baseline = true)]
    public Task<int> SocketsHttpHandler() => AskAsync(_default);

    [Benchmark]
    public Task<int> Http1Handler() => AskAsync(_lean);

    [GlobalCleanup]
    public void Cleanup()
    {
        _lean.Dispose();
        _default.Dispose();
        _listener.Dispose();
    }

    private static SocketsHttpHandler NewHandler()
    {
        var handler = new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false, AutomaticDecompression = DecompressionMethods.None, UseCookies = false };
        HeaderBytes.KeepIn(handler);
        return handler;
    }

    private async Task<int> AskAsync(HttpMessageInvoker client)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(_uri, "/v1/things/1?x=y")) { Version = HttpVersion.Version20 };
        request.Headers.TryAddWithoutValidation("Accept", "application/json");
        request.Headers.TryAddWithoutValidation("User-Agent", "bench/1.0");
        request.Headers.TryAddWithoutValidation("X-Forwarded-For", "127.0.0.1");
        request.Headers.TryAddWithoutValidation("X-Forwarded-Proto", "http");
        using var response = await client.SendAsync(request, default);
        var headers = 0;
        foreach (var _ in response.Headers.NonValidated) headers++;
        foreach (var _ in response.Content.Headers.NonValidated) headers++;
        using var body = await response.Content.ReadAsStreamAsync();
        _ = await body.ReadAsync(Memory<byte>.Empty);
        while (await body.ReadAsync(_buffer) is var read && read > 0) headers += read;
        return headers;
    }

    private void Accept()
    {
        try
        {
            while (true)
            {
                var socket = _listener.Accept();
                new Thread(() => Serve(socket)) { IsBackground = true }.Start();
            }
        }
        catch (SocketException)
        {
            // over
        }
    }

    /// <summary>Each request comes in one piece. On threads of its own: nothing of it is counted with the client.</summary>
    private static void Serve(Socket socket)
    {
        using (socket)
        {
            socket.NoDelay = true;
            var buffer = new byte[4096];
            while (socket.Receive(buffer) > 0) socket.Send(Answer);
        }
    }
}
