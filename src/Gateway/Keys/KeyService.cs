using System.Security.Cryptography;
using System.Text;
using Gateway.Authentication;

namespace Gateway.Keys;

/// <summary>
/// What is done to issued keys. Making one can be repeated under the same idempotency key: there is one key, and until its secret was delivered the
/// repetition gets a new secret for it, for nobody can have kept the first.
/// </summary>
internal sealed class KeyService(KeyStore store, ApiKeyOptions options, TimeProvider clock)
{
    public static readonly TimeSpan LongestOverlap = TimeSpan.FromDays(30);

    /// <param name="wanted">Its <see cref="KeyRecord.Id"/> and hash are made here.</param>
    /// <param name="idempotencyKey">Null: every call makes a key.</param>
    public async Task<IssuedKey> CreateAsync(KeyRecord wanted, string? idempotencyKey)
    {
        var id = idempotencyKey is null ? KeyText.NewId() : IdOf(wanted.CustomerId, idempotencyKey);
        var secret = KeyText.Create(options.Prefix, id);
        var record = wanted with { Id = id.ToString(), Sha256 = Hash(secret), CreatedAt = clock.GetUtcNow() };
        if (await store.AddAsync(record)) return new IssuedKey(record, secret);

        var existing = await store.ChangeAsync(record.Id, found => found.IsDelivered ? null : found with { Sha256 = record.Sha256 });
        return new IssuedKey(existing!, existing!.Sha256 == record.Sha256 ? secret : null);
    }

    /// <summary>The answer with the secret was sent whole: it is not made anew.</summary>
    public Task DeliveredAsync(string id) => store.ChangeAsync(id, found => found.IsDelivered ? null : found with { IsDelivered = true });

    public async Task<KeyRecord?> FindAsync(string id) => KeyId.TryParse(id, out var parsed) ? await store.FindAsync(parsed) : null;

    public Task<IReadOnlyList<KeyRecord>> ListAsync(string? customerId, int offset, int limit) => store.ListAsync(customerId, offset, limit);

    /// <summary>From now on it is refused everywhere. Null when there is no such key; one that is revoked stays as it is.</summary>
    public Task<KeyRecord?> RevokeAsync(string id) => store.ChangeAsync(id, found => found.RevokedAt is null ? found with { RevokedAt = clock.GetUtcNow() } : null);

    /// <summary>
    /// A new secret; the one before is good for <paramref name="overlap"/> longer. Null when there is no such key, or it is revoked. Repeated under the
    /// same idempotency key it is one rotation.
    /// </summary>
    public async Task<IssuedKey?> RotateAsync(string id, TimeSpan overlap, string? idempotencyKey)
    {
        if (!KeyId.TryParse(id, out var parsed)) return null;
        var secret = KeyText.Create(options.Prefix, parsed);
        var (hash, by) = (Hash(secret), idempotencyKey is null ? null : Hash(idempotencyKey));
        var record = await store.ChangeAsync(id, found => found switch
        {
            { RevokedAt: not null } => null,
            { RotatedBy: { } last } when last == by => found.IsDelivered ? null : found with { Sha256 = hash },
            _ => found with
            {
                Sha256 = hash,
                PreviousSha256 = found.Sha256,
                PreviousUntil = clock.GetUtcNow() + overlap,
                RotatedBy = by,
                IsDelivered = false,
            },
        });
        return record is { RevokedAt: null } ? new IssuedKey(record, record.Sha256 == hash ? secret : null) : null;
    }

    /// <summary>Its subscription is paid for.</summary>
    public Task<KeyRecord?> ActivateAsync(string id) => store.ChangeAsync(id, found => found.PendingSubscription is null
        ? null
        : found with { PendingSubscription = null, PaymentUrl = null }); // the checkout is over

    private static string Hash(string secret) => Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(secret)));

    private static KeyId IdOf(string customerId, string idempotencyKey)
    {
        const string digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes($"{customerId}\n{idempotencyKey}"));
        return KeyId.Parse(string.Create(KeyId.Length, hash, static (text, hash) =>
        {
            for (var i = 0; i < text.Length; i++) text[i] = digits[((hash[2 * i] << 8) | hash[(2 * i) + 1]) % digits.Length];
        }));
    }
}

/// <param name="Secret">The key itself; null when it was delivered before.</param>
internal sealed record IssuedKey(KeyRecord Record, string? Secret)
{
    /// <summary>Without the key, so that no log can have it.</summary>
    public override string ToString() => $"key {Record.Id}";
}
