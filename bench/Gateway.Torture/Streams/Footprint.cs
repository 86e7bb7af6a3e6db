using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace Gateway.Torture.Streams;

/// <summary>Memory of a process at one moment, in bytes.</summary>
/// <param name="Resident">As it is found.</param>
/// <param name="Anonymous">Of it: not pages of files.</param>
/// <param name="Private">Of it: written to, and shared with nobody.</param>
/// <param name="Heap">Managed objects that are alive.</param>
/// <param name="Collected">Resident after the garbage was collected and its pages given back.</param>
internal sealed record Footprint(double Resident, double Anonymous, double Private, double Heap, double Collected)
{
    public static readonly IReadOnlyList<(string Name, Func<Footprint, double> Of)> Columns =
    [
        ("resident", f => f.Resident), ("anonymous", f => f.Anonymous), ("private dirty", f => f.Private),
        ("resident after a collection", f => f.Collected), ("managed heap", f => f.Heap),
    ];

    public static async Task<Footprint> OfAsync(Child process, string heapSocket)
    {
        var found = process.Memory;
        var dirty = process.PrivateDirty;
        var heap = await CollectAsync(heapSocket);
        return new Footprint(found.All, found.Anonymous, dirty, heap, process.Memory.All);
    }

    /// <summary>What each of so many streams added to <paramref name="rest"/>.</summary>
    public Footprint PerStream(Footprint rest, int streams) => new(
        (Resident - rest.Resident) / streams, (Anonymous - rest.Anonymous) / streams, (Private - rest.Private) / streams,
        (Heap - rest.Heap) / streams, (Collected - rest.Collected) / streams);

    /// <summary>Lets the process collect its garbage.</summary>
    /// <returns>Bytes of what is alive.</returns>
    private static async Task<long> CollectAsync(string heapSocket)
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(new UnixDomainSocketEndPoint(heapSocket));
        var answer = new byte[32];
        var length = await socket.ReceiveAsync(answer);
        return long.Parse(Encoding.ASCII.GetString(answer, 0, length), CultureInfo.InvariantCulture);
    }
}
