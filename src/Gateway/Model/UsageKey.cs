using System.Globalization;

namespace Gateway.Model;

/// <summary>A charge's idempotency key: fixed when the charge is, by the request and the charge's place in it.</summary>
internal static class UsageKey
{
    public static string Of(Guid requestId, int chargeIndex) => string.Create(CultureInfo.InvariantCulture, $"{requestId:N}-{chargeIndex}");
}
