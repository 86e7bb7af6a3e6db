using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Gateway.Billing.Paygentic;

/// <summary>Checks that a webhook comes from who knows the secret, and was sent just now. Paygentic's webhooks are Svix's.</summary>
internal static class SvixSignature
{
    private const string Prefix = "whsec_";
    private const string Version = "v1,";
    private static readonly TimeSpan Tolerance = TimeSpan.FromMinutes(5);

    public static bool IsSecret(string text) =>
        text.StartsWith(Prefix, StringComparison.Ordinal) && text.Length > Prefix.Length
        && Convert.TryFromBase64String(text[Prefix.Length..], new byte[text.Length], out var length) && length >= 16;

    /// <summary>Whether it could be one, before anything is read: it has an id, a signature, and was sent just now as it says itself.</summary>
    public static bool MayBeGood(string id, string timestamp, string signatures, DateTimeOffset now) =>
        id.Length is > 0 and <= 256
        && long.TryParse(timestamp, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
        && Math.Abs(now.ToUnixTimeSeconds() - seconds) <= Tolerance.TotalSeconds
        && signatures.Contains(Version, StringComparison.Ordinal);

    /// <param name="secret">As <see cref="IsSecret"/> has it.</param>
    /// <param name="id">The header svix-id.</param>
    /// <param name="timestamp">The header svix-timestamp: seconds since 1970.</param>
    /// <param name="signatures">The header svix-signature: one or several, for a secret that is being replaced.</param>
    /// <param name="body">The body, byte for byte.</param>
    /// <param name="now">The time.</param>
    public static bool IsGood(string secret, string id, string timestamp, string signatures, ReadOnlySpan<byte> body, DateTimeOffset now)
    {
        if (!MayBeGood(id, timestamp, signatures, now)) return false;
        byte[] signed = [.. Encoding.UTF8.GetBytes($"{id}.{timestamp}."), .. body];
        var expected = HMACSHA256.HashData(Convert.FromBase64String(secret[Prefix.Length..]), signed);
        var given = new byte[expected.Length];
        foreach (var signature in signatures.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            if (signature.StartsWith(Version, StringComparison.Ordinal)
                && Convert.TryFromBase64String(signature[Version.Length..], given, out var length) && length == expected.Length
                && CryptographicOperations.FixedTimeEquals(given, expected)) return true;
        }

        return false;
    }
}
