using System.Text;

namespace Gateway.Pricing;

/// <summary>The fields of an answer's JSON that a route's meters look at.</summary>
internal sealed class ResponseFields
{
    private int _count;

    public ResponseFields() => Start = Root;

    internal Node Root { get; } = new([]);

    /// <summary>Where the document begins: at <see cref="Root"/>, or on the way to the list whose elements <see cref="Root"/> describes.</summary>
    internal Node Start { get; private set; }

    /// <summary>Whether the fields are those of each element of a list.</summary>
    public bool IsList { get; private set; }

    /// <summary>How many values there are.</summary>
    public int Count => _count;

    /// <summary>Index of a path's value; two spellings of one path share it.</summary>
    public int Add(IEnumerable<string> names)
    {
        var node = Root;
        foreach (var name in names)
        {
            var utf8 = Encoding.UTF8.GetBytes(name);
            var child = node.Find(utf8);
            if (child is null) node.Children.Add(child = new Node(utf8));
            node = child;
        }

        if (node.Field < 0) node.Field = _count++;
        return node.Field;
    }

    /// <summary>From now on all fields are those of each element of the list at this path; an empty one is the document itself.</summary>
    public void OfEachIn(IEnumerable<string> names)
    {
        IsList = true;
        var node = Start = new Node([]);
        foreach (var name in names)
        {
            var child = new Node(Encoding.UTF8.GetBytes(name));
            node.Children.Add(child);
            node = child;
        }

        node.Each = Root;
    }

    internal sealed class Node(byte[] name)
    {
        /// <summary>What each element of the list here is looked at for; null when it is not looked into.</summary>
        public Node? Each { get; set; }

        public List<Node> Children { get; } = [];

        public int Field { get; set; } = -1;

        public Node? Find(ReadOnlySpan<byte> key)
        {
            foreach (var child in Children)
            {
                if (key.SequenceEqual(child.Name)) return child;
            }

            return null;
        }

        private byte[] Name => name;
    }
}
