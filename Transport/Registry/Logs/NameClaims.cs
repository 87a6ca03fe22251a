namespace Kameo.Actors.Transport.Registry.Logs;

/// <summary>Who claims which name, over all writers of the view. The claim of the lowest (join index, version) is a name's first: the same everywhere.</summary>
/// <param name="flaws">Rules a test breaks.</param>
internal sealed class NameClaims(RegistryFlaws flaws)
{
    private readonly Dictionary<string, Node> _first = new(StringComparer.Ordinal);

    /// <summary>How many names are claimed.</summary>
    public int Count => _first.Count;

    /// <summary>All names.</summary>
    public IEnumerable<string> Names => _first.Keys;

    /// <summary>Adds a claim.</summary>
    public void Add(WriterLog log, RegistryEntry entry)
    {
        var node = new Node(new NameClaim(log, entry));
        if (!_first.TryGetValue(entry.Name, out Node? at) || IsBefore(node, at))
        {
            node.Next = at;
            _first[entry.Name] = node;
            return;
        }

        while (at.Next is { } next && IsBefore(next, node))
        {
            at = next;
        }

        node.Next = at.Next;
        at.Next = node;
    }

    /// <summary>Removes a claim.</summary>
    public void Remove(WriterLog log, RegistryEntry entry)
    {
        Node? before = null;
        for (Node? at = _first.GetValueOrDefault(entry.Name); at is not null; before = at, at = at.Next)
        {
            if (at.Claim.Log != log || at.Claim.Entry.Version != entry.Version)
            {
                continue;
            }

            if (before is not null)
            {
                before.Next = at.Next;
            }
            else if (at.Next is not null)
            {
                _first[entry.Name] = at.Next;
            }
            else
            {
                _first.Remove(entry.Name);
            }

            return;
        }
    }

    /// <summary>A name's first claim.</summary>
    public NameClaim? First(string name) => _first.TryGetValue(name, out Node? node) ? node.Claim : null;

    /// <summary>All claims to a name, the first one first.</summary>
    public IEnumerable<NameClaim> All(string name)
    {
        for (Node? at = _first.GetValueOrDefault(name); at is not null; at = at.Next)
        {
            yield return at.Claim;
        }
    }

    private bool IsBefore(Node one, Node other)
    {
        if (flaws.HasFlag(RegistryFlaws.FirstHeardWins))
        {
            return false;
        }

        ulong joinIndex = one.Claim.Log.Writer.JoinIndex;
        ulong otherIndex = other.Claim.Log.Writer.JoinIndex;
        return joinIndex != otherIndex ? joinIndex < otherIndex : one.Claim.Entry.Version < other.Claim.Entry.Version;
    }

    private sealed class Node(NameClaim claim)
    {
        public NameClaim Claim { get; } = claim;

        public Node? Next { get; set; }
    }
}
