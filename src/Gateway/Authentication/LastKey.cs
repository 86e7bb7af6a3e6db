using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Gateway.Authentication;

/// <summary>
/// The key that a connection's last request came with, and its hash: most clients send one key for as long as they are connected, and to hash it takes longer than all else that a key is
/// checked for. Goes with the connection, whose buffers have the text as well; whether the key is good is asked for each request.
/// </summary>
internal sealed class LastKey
{
    private volatile Hashed? _last; // over HTTP/2 several requests at once

    public static void RememberIn(ListenOptions endpoint) => endpoint.Use(next => connection =>
    {
        connection.Features.Set(new LastKey());
        return next(connection);
    });

    /// <inheritdoc cref="ApiKeyHash.TryFromKey"/>
    public static bool TryHash(HttpContext context, string key, out ApiKeyHash hash)
    {
        if (context.Features.Get<LastKey>() is not { } remembered) return ApiKeyHash.TryFromKey(key, out hash);
        if (remembered._last is { } last && last.IsOf(key))
        {
            hash = last.Hash;
            return true;
        }

        if (!ApiKeyHash.TryFromKey(key, out hash)) return false;
        remembered._last = new Hashed(key, hash);
        return true;
    }

    private sealed class Hashed(string key, ApiKeyHash hash)
    {
        public ApiKeyHash Hash { get; } = hash;

        /// <summary>In a time that does not tell how much is right: those who share a connection need not know each other's keys.</summary>
        public bool IsOf(string other) => CryptographicOperations.FixedTimeEquals(MemoryMarshal.AsBytes(key.AsSpan()), MemoryMarshal.AsBytes(other.AsSpan()));
    }
}
