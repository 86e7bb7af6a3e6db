using System.Text.Json;
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

    // Longer than a signature is good for, so that no replay gets through.
    private static readonly TimeSpan RememberFor = TimeSpan.FromMinutes(15);

    public async Task HandleAsync(HttpContext context)
    {
        var headers = context.Request.Headers;
        var id = headers["svix-id"].ToString();
        if (await ReadAsync(context) is not { } body)
        {
            context.Response.StatusCode = StatusCodes.Status413PayloadTooLarge;
            return;
        }

        if (options.WebhookSecret is not { } secret
            || !SvixSignature.IsGood(secret, id, headers["svix-timestamp"].ToString(), headers["svix-signature"].ToString(), body, clock.GetUtcNow()))
        {
            Log.Refused(logger);
            context.Response.StatusCode = StatusCodes.Status401Unauthorized;
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
        catch (Exception e) when (e is RedisException or TimeoutException)
        {
            context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
        }
    }

    /// <summary>Every subscription's id anywhere in it: which event has it where is written down nowhere.</summary>
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
            // Signed, and no JSON: all that wait are asked about.
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
        [LoggerMessage(530, LogLevel.Warning, "A webhook was refused: its signature is wrong or old, or there is no Gateway:Paygentic:WebhookSecret.")]
        public static partial void Refused(ILogger logger);
    }
}
