using System.Text.Json;
using Gateway.Billing;
using Gateway.Billing.Paygentic;
using Gateway.Onboarding;
using Gateway.Reservations.Pool;
using StackExchange.Redis;

namespace Gateway.SelfService;

/// <summary>
/// Paygentic says that something happened. Nothing in it is believed but that: the subscriptions it names are asked about. One that comes again is
/// answered and not looked at.
/// </summary>
internal sealed partial class Webhook(PaygenticOptions options, PaymentWatch payments, RedisConnection redis, TimeProvider clock, ILogger<Webhook> logger)
{
    private const int MostBytes = 256 * 1024;
    private const int DeepestJson = 16;
    private const string ComeAgainSeconds = "10";

    // Longer than a signature is good for, so that no replay gets through.
    private static readonly TimeSpan RememberFor = TimeSpan.FromMinutes(15);

    // Anybody can send what is refused.
    private static readonly TimeSpan LogEvery = TimeSpan.FromMinutes(1);
    private int _refused;
    private long _quietUntil;

    public async Task HandleAsync(HttpContext context)
    {
        var headers = context.Request.Headers;
        var (id, sentAt, signatures) = (headers["svix-id"].ToString(), headers["svix-timestamp"].ToString(), headers["svix-signature"].ToString());
        if (options.WebhookSecret is not { } secret || !SvixSignature.MayBeGood(id, sentAt, signatures, clock.GetUtcNow()))
        {
            Refuse(context);
            return;
        }

        if (await ReadAsync(context) is not { } body)
        {
            context.Response.StatusCode = StatusCodes.Status413PayloadTooLarge;
            return;
        }

        if (!SvixSignature.IsGood(secret, id, sentAt, signatures, body, clock.GetUtcNow()))
        {
            Refuse(context);
            return;
        }

        try
        {
            var database = await redis.DatabaseAsync();
            RedisKey seen = "gateway:{keys}:webhook:" + id;
            if (await database.StringSetAsync(seen, "1", RememberFor, When.NotExists))
            {
                try
                {
                    await payments.AskNowAsync(SubscriptionsIn(body), context.RequestAborted);
                }
                catch
                {
                    await database.KeyDeleteAsync(seen); // it comes again
                    throw;
                }
            }

            context.Response.StatusCode = StatusCodes.Status204NoContent;
        }
        catch (Exception e) when (e is RedisException or TimeoutException or BillingException)
        {
            context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
            context.Response.Headers.RetryAfter = ComeAgainSeconds;
        }
    }

    private void Refuse(HttpContext context)
    {
        context.Response.StatusCode = StatusCodes.Status401Unauthorized;
        Interlocked.Increment(ref _refused);
        var (now, quietUntil) = (clock.GetTimestamp(), Interlocked.Read(ref _quietUntil));
        if (quietUntil != 0 && now < quietUntil) return;
        if (Interlocked.CompareExchange(ref _quietUntil, now + (long)(LogEvery.TotalSeconds * clock.TimestampFrequency), quietUntil) == quietUntil)
            Log.Refused(logger, Interlocked.Exchange(ref _refused, 0));
    }

    /// <summary>
    /// Every subscription's id anywhere in it: which event has it where is written down nowhere. One that has none is left to the questions that are asked anyway.
    /// </summary>
    private static HashSet<string> SubscriptionsIn(byte[] body)
    {
        var found = new HashSet<string>(StringComparer.Ordinal);
        var reader = new Utf8JsonReader(body, new JsonReaderOptions { MaxDepth = DeepestJson });
        try
        {
            while (reader.Read())
            {
                if (reader.TokenType == JsonTokenType.String && reader.ValueSpan.StartsWith("sub_"u8)) found.Add(reader.GetString()!);
            }
        }
        catch (JsonException)
        {
            // Signed, and no JSON.
        }

        return found;
    }

    private static async Task<byte[]?> ReadAsync(HttpContext context)
    {
        using var body = new MemoryStream();
        var buffer = new byte[8192];
        int read;
        while ((read = await context.Request.Body.ReadAsync(buffer, context.RequestAborted)) > 0)
        {
            if (body.Length + read > MostBytes) return null;
            body.Write(buffer, 0, read);
        }

        return body.ToArray();
    }

    private static partial class Log
    {
        [LoggerMessage(530, LogLevel.Warning, "{Count} webhooks were refused since this was last said: the signature is wrong or old, or there is no Gateway:Paygentic:WebhookSecret.")]
        public static partial void Refused(ILogger logger, int count);
    }
}
