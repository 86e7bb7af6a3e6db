using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Gateway.Model;

namespace Gateway.Idempotency;

/// <summary>Tells requests apart by hashes: what clients send is not kept.</summary>
internal static class RequestFingerprint
{
    /// <summary>The name of a client's key: it means something to this customer on this route only.</summary>
    public static string NameOf(CustomerId customer, string route, string key) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{customer.Value}\n{route}\n{key}")));

    /// <param name="method">Of the request.</param>
    /// <param name="target">Its path and query.</param>
    /// <param name="contentType">Of its body.</param>
    /// <param name="price">What it is charged on.</param>
    /// <param name="beginning">Of its body.</param>
    /// <param name="length">Null when that is the whole of it; else its length as announced, -1 when it was not.</param>
    public static string Of(string method, string target, string? contentType, string price, ReadOnlySpan<byte> beginning, long? length)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{method}\n{target}\n{contentType}\n{price}\n{length}\n")));
        hash.AppendData(beginning);
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
