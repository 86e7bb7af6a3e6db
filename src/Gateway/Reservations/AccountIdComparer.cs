using System.IO.Hashing;
using System.Runtime.InteropServices;
using Gateway.Model;

namespace Gateway.Reservations;

/// <summary>
/// Hashes the same in every process, so that a simulation can be repeated by its seed; and faster than the default, whose defence against chosen
/// keys is not needed here: customers and metrics are named by the operator.
/// </summary>
internal sealed class AccountIdComparer : IEqualityComparer<AccountId>
{
    public static readonly AccountIdComparer Instance = new();

    public bool Equals(AccountId x, AccountId y) => x == y;

    public int GetHashCode(AccountId obj) => (int)XxHash3.HashToUInt64(
        MemoryMarshal.AsBytes(obj.Customer.Value.AsSpan()), (long)XxHash3.HashToUInt64(MemoryMarshal.AsBytes(obj.Metric.Value.AsSpan())));
}
