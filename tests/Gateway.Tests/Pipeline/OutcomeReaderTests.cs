using Gateway.Model;
using Gateway.Pipeline;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;
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

    private static Outcome Read(Exception failure, ForwarderError error = ForwarderError.RequestBodyClient, bool hasHeaders = true, int status = 200)
    {
        var context = new DefaultHttpContext();
        context.Response.StatusCode = status;
        context.Features.Set<IForwarderErrorFeature>(new Failed(error, failure));
        return OutcomeReader.Of(context, hasHeaders, clientGone: hasHeaders, drainIsOver: false);
    }

    private static AggregateException Both(Exception request, Exception answer) => new(request, answer);

    private sealed record Failed(ForwarderError Error, Exception? Exception) : IForwarderErrorFeature;
}
