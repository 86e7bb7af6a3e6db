using System.Buffers;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.IO;

namespace Gateway.Billing.Paygentic;

/// <summary>One call to Paygentic, its answer told apart: read, refused, or no usable answer. Does not throw but when cancelled.</summary>
internal sealed class PaygenticClient(HttpClient http, TimeProvider clock)
{
    // Enough for 1,000 usage events and their echoes; more is not an answer of Paygentic's.
    private const int MaxAnswerBytes = 16 * 1024 * 1024;
    private const int MaxReasonLength = 500;
    private static readonly RecyclableMemoryStreamManager Buffers = new();

    public static void Configure(HttpClient http, PaygenticOptions options)
    {
        http.BaseAddress = new Uri(options.BaseUrl.TrimEnd('/') + "/");
        http.Timeout = TimeSpan.FromSeconds(options.TimeoutSeconds);
        http.MaxResponseContentBufferSize = MaxAnswerBytes;
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", options.ApiKey);
    }

    public async Task<PaygenticAnswer<TAnswer>> PostAsync<TRequest, TAnswer>(
        string path, TRequest body, JsonTypeInfo<TRequest> bodyType, JsonTypeInfo<TAnswer> answerType, CancellationToken cancellationToken)
        where TAnswer : class
    {
        using var content = new StreamContent(Write(body, bodyType)) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } };
        return await SendAsync(HttpMethod.Post, path, content, answerType, cancellationToken);
    }

    public async Task<PaygenticAnswer<TAnswer>> PatchAsync<TRequest, TAnswer>(
        string path, TRequest body, JsonTypeInfo<TRequest> bodyType, JsonTypeInfo<TAnswer> answerType, CancellationToken cancellationToken)
        where TAnswer : class
    {
        using var content = new StreamContent(Write(body, bodyType)) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } };
        return await SendAsync(HttpMethod.Patch, path, content, answerType, cancellationToken);
    }

    public Task<PaygenticAnswer<TAnswer>> GetAsync<TAnswer>(string path, JsonTypeInfo<TAnswer> answerType, CancellationToken cancellationToken)
        where TAnswer : class => SendAsync(HttpMethod.Get, path, content: null, answerType, cancellationToken);

    private async Task<PaygenticAnswer<TAnswer>> SendAsync<TAnswer>(
        HttpMethod method, string path, HttpContent? content, JsonTypeInfo<TAnswer> answerType, CancellationToken cancellationToken)
        where TAnswer : class
    {
        try
        {
            using var request = new HttpRequestMessage(method, new Uri(path, UriKind.Relative)) { Content = content };
            using var response = await http.SendAsync(request, cancellationToken);
            await using var answer = await response.Content.ReadAsStreamAsync(cancellationToken);
            return response.IsSuccessStatusCode
                ? new(response.StatusCode, await JsonSerializer.DeserializeAsync(answer, answerType, cancellationToken), "an empty answer", ServerTime: response.Headers.Date)
                : Refusal<TAnswer>(response, answer);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            throw;
        }
        catch (JsonException)
        {
            return new(null, null, "an answer that is not the JSON it should be");
        }
        catch (HttpRequestException e) when (
            e.HttpRequestError is HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError or HttpRequestError.SecureConnectionError)
        {
            return new(null, null, e.Message, Sent: false);
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException or IOException)
        {
            return new(null, null, e.Message, Lost: true);
        }
    }

    /// <summary>In pooled memory, for a batch is some 400 kB, and whole, so that the request has a length.</summary>
    private static RecyclableMemoryStream Write<T>(T body, JsonTypeInfo<T> type)
    {
        var stream = Buffers.GetStream();
        using (var writer = new Utf8JsonWriter((IBufferWriter<byte>)stream)) JsonSerializer.Serialize(writer, body, type);
        stream.Position = 0;
        return stream;
    }

    private PaygenticAnswer<TAnswer> Refusal<TAnswer>(HttpResponseMessage response, Stream answer)
        where TAnswer : class
    {
        ErrorAnswer? error = null;
        try
        {
            error = JsonSerializer.Deserialize(answer, PaygenticJson.Default.ErrorAnswer);
        }
        catch (JsonException)
        {
            // An error page of something in between; the status says what matters.
        }

        var fields = error?.Errors is { Count: > 0 } errors ? $" ({string.Join("; ", errors.Select(e => $"{e?.Field}: {e?.Message}"))})" : "";
        var reason = $"{(int)response.StatusCode} {error?.Code ?? error?.Error} {error?.Message}{fields}".Trim();
        return new(
            response.StatusCode, null, reason.Length > MaxReasonLength ? reason[..MaxReasonLength] : reason, error?.Code, RetryAfter(response));
    }

    private TimeSpan? RetryAfter(HttpResponseMessage response) => response.Headers.RetryAfter switch
    {
        { Delta: { } delta } => delta,
        { Date: { } date } => date - clock.GetUtcNow() is var wait && wait > TimeSpan.Zero ? wait : TimeSpan.Zero,
        _ => null,
    };
}

/// <param name="Status">Null when there was no answer, or none that can be read.</param>
/// <param name="Body">Null unless the answer was a success that could be read.</param>
/// <param name="Reason">For logs: status, code and message of a refusal, or what went wrong on the way.</param>
/// <param name="Code">Paygentic's UPPER_SNAKE code, when it sent one.</param>
/// <param name="ServerTime">What Paygentic's clock said when it answered.</param>
/// <param name="Sent">False when the request can not have reached Paygentic.</param>
/// <param name="Lost">True when it can have, and no answer came back.</param>
internal sealed record PaygenticAnswer<T>(HttpStatusCode? Status, T? Body, string Reason, string? Code = null, TimeSpan? RetryAfter = null, DateTimeOffset? ServerTime = null,
    bool Sent = true, bool Lost = false)
    where T : class
{
    /// <summary>What was asked for.</summary>
    /// <exception cref="BillingException">There is none.</exception>
    public T Read(string what)
    {
        if (Body is { } body) return body;
        var isRefusal = Status is >= HttpStatusCode.BadRequest and < HttpStatusCode.InternalServerError
            and not HttpStatusCode.TooManyRequests and not HttpStatusCode.RequestTimeout and not HttpStatusCode.Unauthorized;
        // From 502 on, but for 503, something in between has given up waiting.
        var isOpen = Lost || Status is HttpStatusCode.RequestTimeout or (>= HttpStatusCode.BadGateway and not HttpStatusCode.ServiceUnavailable);
        throw new BillingException($"Paygentic gave no {what}: {Reason}", isRefusal, RetryAfter, isOpen);
    }
}
