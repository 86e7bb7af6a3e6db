using Gateway.Forwarding;
using Gateway.Model;
using Gateway.Pipeline;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.Timeouts;
using Microsoft.Extensions.Time.Testing;
using Yarp.ReverseProxy.Forwarder;

namespace Gateway.Tests.Pipeline;

/// <summary>Who broke off a call whose request was still open: by then YARP has reset the client's stream, so that the client seems gone either way.</summary>
public sealed class OutcomeReaderTests
{
    private static readonly Exception Reset = new HttpProtocolException(2, "The HTTP/2 server reset the stream.", null);

    public static TheoryData<string, Exception> ByTheUpstream { get; } = new()
    {
        { "a reset", Both(new OperationCanceledException(), Reset) },
        { "its connection's end", Both(new OperationCanceledException(), new HttpIOException(HttpRequestError.ResponseEnded)) },
        { "told by the client library", Both(new OperationCanceledException(), new IOException("The read failed.", Reset)) },
    };

    public static TheoryData<string, Exception> ByTheClient { get; } = new()
    {
        { "and the answer was cancelled", Both(new ConnectionResetException("The client reset the stream."), new TaskCanceledException()) },
        { "and the answer failed with the request", Both(new ConnectionResetException("The client reset the stream."), new HttpRequestException("Error while copying content.", new IOException("from the client"))) },
    };

    [Theory, MemberData(nameof(ByTheUpstream))]
    public void An_upstream_that_breaks_off_is_no_client_that_leaves(string how, Exception failure) =>
        Assert.Equal((how, Outcome.UpstreamBroken), (how, Read(failure)));

    [Theory, MemberData(nameof(ByTheClient))]
    public void A_client_that_leaves_pays_for_it(string how, Exception failure) =>
        Assert.Equal((how, Outcome.ClientGoneReading), (how, Read(failure)));

    [Theory]
    [InlineData(ForwarderError.RequestBodyClient, 408, nameof(Outcome.UpstreamTimeout))]
    [InlineData(ForwarderError.RequestBodyDestination, 504, nameof(Outcome.UpstreamTimeout))]
    [InlineData(ForwarderError.RequestBodyCanceled, 504, nameof(Outcome.UpstreamTimeout))]
    [InlineData(ForwarderError.RequestBodyClient, 400, nameof(Outcome.UpstreamReset))]
    [InlineData(ForwarderError.RequestBodyDestination, 502, nameof(Outcome.UpstreamReset))]
    [InlineData(ForwarderError.RequestBodyCanceled, 502, nameof(Outcome.ClientGoneSending))]
    public void An_upstream_that_is_silent_while_the_client_still_sends_is_told_by_the_status(ForwarderError error, int status, string outcome) =>
        Assert.Equal(outcome, Read(Both(new OperationCanceledException(), new TaskCanceledException()), error, hasHeaders: false, status).ToString());

    /// <summary>Whoever is waited for when patience is at an end.</summary>
    [Theory]
    [InlineData(false, false, nameof(Outcome.ClientGoneReading))]
    [InlineData(true, false, nameof(Outcome.ClientGoneReading))]
    [InlineData(false, true, nameof(Outcome.UpstreamTimeout))]
    [InlineData(true, true, nameof(Outcome.UpstreamTimeout))]
    public async Task A_client_that_stops_reading_is_no_silent_upstream_and_one_that_reads_late_is_none_that_stops(bool flushes, bool reads, string outcome)
    {
        await using var client = new SlowClient();
        var context = OutOfPatience(client);
        var body = context.Response.Body;

        var sending = flushes ? body.FlushAsync(CancellationToken.None) : body.WriteAsync(new byte[1], CancellationToken.None).AsTask();
        if (reads)
        {
            client.Read();
            await sending;
        }

        Assert.Equal(outcome, Read(context).ToString());
        if (reads) return;
        client.Leave();
        await Assert.ThrowsAsync<OperationCanceledException>(() => sending);
        Assert.Equal(outcome, Read(context).ToString());
    }

    [Theory]
    [InlineData(false, nameof(Outcome.ClientGoneReading))]
    [InlineData(true, nameof(Outcome.GatewayTimeout))]
    public async Task The_routes_Timeout_is_no_way_to_read_for_nothing(bool reads, string outcome)
    {
        await using var client = new SlowClient();
        var context = OutOfPatience(client);
        context.Features.Set<IHttpRequestTimeoutFeature>(new TimeIsOver());
        var sending = context.Response.Body.WriteAsync(new byte[1], CancellationToken.None).AsTask();
        if (reads)
        {
            client.Read();
            await sending;
        }

        Assert.Equal(outcome, OutcomeReader.Of(context, hasHeaders: true, clientGone: true, drainIsOver: false).ToString()); // its end looks like the client's
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_upstream_that_goes_on_in_the_moment_when_patience_ends_was_silent(bool flushes)
    {
        await using var client = new SlowClient();
        var context = OutOfPatience(client);
        var body = context.Response.Body;
        var over = new CancellationToken(canceled: true);
        client.Leave();

        await Assert.ThrowsAsync<OperationCanceledException>(() => flushes ? body.FlushAsync(over) : body.WriteAsync(new byte[1], over).AsTask());

        Assert.Equal(Outcome.UpstreamTimeout, Read(context));
    }

    [Theory]
    [InlineData(9, false, nameof(Outcome.UpstreamBroken))]
    [InlineData(10, false, nameof(Outcome.ClientGoneReading))]
    [InlineData(9, true, nameof(Outcome.UpstreamBroken))]
    [InlineData(10, true, nameof(Outcome.ClientGoneReading))]
    public async Task An_upstream_that_breaks_off_after_a_client_that_took_nothing_for_long_was_made_to(int seconds, bool flushes, string outcome)
    {
        await using var client = new SlowClient();
        var clock = new FakeTimeProvider();
        var context = Failing(client, clock, new Failed(ForwarderError.ResponseBodyDestination, new HttpIOException(HttpRequestError.ResponseEnded)));
        var body = context.Response.Body;
        var sending = flushes ? body.FlushAsync(CancellationToken.None) : body.WriteAsync(new byte[1], CancellationToken.None).AsTask();
        clock.Advance(TimeSpan.FromSeconds(seconds));
        client.Read();
        await sending;

        Assert.Equal(outcome, Read(context).ToString());
    }

    private static DefaultHttpContext OutOfPatience(Stream client) =>
        Failing(client, TimeProvider.System, new Failed(ForwarderError.ResponseBodyCanceled, new OperationCanceledException()));

    private static DefaultHttpContext Failing(Stream client, TimeProvider clock, IForwarderErrorFeature failed)
    {
        var context = new DefaultHttpContext();
        context.Features.Set(failed);
        context.Features.Set<IHttpResponseBodyFeature>(new GatedResponseBody(context, new StreamResponseBodyFeature(client), new RequestId(Guid.NewGuid()), new OpenGate(), scan: null, clock));
        return context;
    }

    private static Outcome Read(HttpContext context) => OutcomeReader.Of(context, hasHeaders: true, clientGone: false, drainIsOver: false);

    private static Outcome Read(Exception failure, ForwarderError error = ForwarderError.RequestBodyClient, bool hasHeaders = true, int status = 200)
    {
        var context = new DefaultHttpContext();
        context.Response.StatusCode = status;
        context.Features.Set<IForwarderErrorFeature>(new Failed(error, failure));
        return OutcomeReader.Of(context, hasHeaders, clientGone: hasHeaders, drainIsOver: false);
    }

    private static AggregateException Both(Exception request, Exception answer) => new(request, answer);

    /// <summary>Takes nothing before it is told to.</summary>
    private sealed class SlowClient : MemoryStream
    {
        private readonly TaskCompletionSource _taken = new();

        public void Read() => _taken.SetResult();

        public void Leave() => _taken.SetException(new OperationCanceledException());

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) => new(_taken.Task);

        public override Task FlushAsync(CancellationToken cancellationToken) => _taken.Task;
    }

    private sealed class OpenGate : IAnswerGate
    {
        public void HeadersArrived()
        {
        }

        public void AnswerMayRun()
        {
        }

        public void AnswerRuns(IRunningAnswer answer)
        {
        }

        public ValueTask BeforeLastByteAsync() => ValueTask.CompletedTask;

        public void AddReceipt(IHeaderDictionary headers)
        {
        }
    }

    private sealed class TimeIsOver : IHttpRequestTimeoutFeature
    {
        public CancellationToken RequestTimeoutToken => new(canceled: true);

        public void DisableTimeout()
        {
        }
    }

    private sealed record Failed(ForwarderError Error, Exception? Exception) : IForwarderErrorFeature;
}
