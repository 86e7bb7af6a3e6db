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

    private static Outcome Read(Exception failure)
    {
        var context = new DefaultHttpContext();
        context.Features.Set<IForwarderErrorFeature>(new Failed(failure));
        return OutcomeReader.Of(context, hasHeaders: true, clientGone: true, drainIsOver: false);
    }

    private static AggregateException Both(Exception request, Exception answer) => new(request, answer);

    private sealed record Failed(Exception? Exception) : IForwarderErrorFeature
    {
        public ForwarderError Error => ForwarderError.RequestBodyClient;
    }
}
