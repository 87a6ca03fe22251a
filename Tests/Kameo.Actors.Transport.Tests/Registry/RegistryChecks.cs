using Kameo.Actors.Transport.Registry;
using Kameo.Actors.Transport.Registry.Logs;

namespace Kameo.Actors.Transport.Tests.Registry;

/// <summary>What must hold in a world of registries, one method for each promise. Each names seed, time and node when it does not.</summary>
internal sealed class RegistryChecks(RegistryWorld world, int seed)
{
    /// <summary>A node that is no member and follows one; null for none.</summary>
    public RegistryNode? Client { get; set; }

    /// <summary>What a node holds of each writer is what that wrote, up to the node's counter: nothing removed is back, nothing is missing, no gap was jumped.</summary>
    public void Logs(RegistryNode node)
    {
        foreach (WriterLog log in node.Core.Logs)
        {
            RegistryNode writer = world.Find(new RegistrySource(log.Writer.Id, log.Writer.Incarnation))!;
            if (writer.History.Check(log.Counter, log.Entries) is { } wrong)
            {
                throw Violation(node, $"of {writer}: {wrong}");
            }
        }
    }

    /// <summary>Look-ups find names of members of the node's view only.</summary>
    public void Owners(RegistryNode node)
    {
        foreach (Registration registration in node.Core.Snapshot())
        {
            if (node.Core.View.IndexOf(registration.Owner.Id, registration.Owner.Incarnation) < 0)
            {
                throw Violation(node, $"{registration.Entry} is found, but its owner is in the view no more");
            }
        }
    }

    /// <summary>What a watch of everything has told adds up to what there is.</summary>
    public void Watches(RegistryNode node)
    {
        foreach (RegistryEvent told in node.Events)
        {
            if (told.WatchId == 0)
            {
                continue;
            }

            (ulong JoinIndex, string Name) key = (told.Registration.Owner.JoinIndex, told.Registration.Entry.Name);
            bool isRight = told.Kind switch
            {
                RegistryEventKind.Added => node.Watched.TryAdd(key, told.Registration.Entry.Version),
                RegistryEventKind.Changed => node.Watched.Remove(key, out ulong former) && former == told.Former!.Version && node.Watched.TryAdd(key, told.Registration.Entry.Version),
                _ => node.Watched.Remove(key, out ulong gone) && gone == told.Registration.Entry.Version,
            };
            if (!isRight)
            {
                throw Violation(node, $"is told {told.Kind} of {told.Registration.Entry}, which does not follow");
            }
        }

        node.Events.RemoveAll(static told => told.WatchId != 0);
        if (!node.Watched.ToHashSet().SetEquals(node.Core.Snapshot().Select(static found => KeyValuePair.Create((found.Owner.JoinIndex, found.Entry.Name), found.Entry.Version))))
        {
            throw Violation(node, "what its watch told is not what it finds");
        }
    }

    /// <summary>A version that counts as visible is known to every member of the waiting node's view that lives and has the writer in its own view.</summary>
    public void Visible(RegistryNode node, WaitEnd end)
    {
        if (end.Outcome != WaitOutcome.Visible)
        {
            return;
        }

        foreach (RegistryMember member in node.Core.View.Members)
        {
            RegistryNode other = world.Find(new RegistrySource(member.Id, member.Incarnation))!;
            if (!other.IsAlive || other.Core.View.Epoch > node.Core.View.Epoch)
            {
                continue; // It acknowledged before it crashed, or may have dropped the writer since.
            }

            int index = other.Core.View.IndexOf(node.Self.Id, node.Self.Incarnation);
            if (index < 0 || other.Core.Logs[index].Counter < node.Waits[end.Id])
            {
                throw Violation(node, $"version {node.Waits[end.Id]} counts as visible, but {other} does not know it");
            }
        }
    }

    /// <summary>Whether all members, and the client, know all that all members wrote.</summary>
    public bool IsConverged() => Missing() is null;

    /// <summary>Somebody who does not know all; null for nobody.</summary>
    public string? Missing()
    {
        foreach (RegistryNode node in Everybody())
        {
            if (node.Core.View.Epoch != world.View.Epoch)
            {
                return $"{node} has view {node.Core.View.Epoch}, not {world.View.Epoch}";
            }

            foreach (WriterLog log in node.Core.Logs)
            {
                ulong version = world.Find(new RegistrySource(log.Writer.Id, log.Writer.Incarnation))!.History.Version;
                if (log.Counter != version)
                {
                    return $"{node} knows {log.Writer.Id.ToShortString()}/{log.Writer.Incarnation} up to {log.Counter}, not {version}";
                }
            }
        }

        return null;
    }

    /// <summary>All members find the same: exactly what lives, and for each name the same owner, the one of the lowest join index.</summary>
    public void Same()
    {
        var expected = new Dictionary<string, (ulong JoinIndex, ulong Version)>();
        int claims = 0;
        foreach (RegistryMember member in world.View.Members)
        {
            foreach ((string name, ulong version) in world.Find(new RegistrySource(member.Id, member.Incarnation))!.History.Live)
            {
                expected.TryAdd(name, (member.JoinIndex, version));
                claims++;
            }
        }

        foreach (RegistryNode node in Everybody())
        {
            Logs(node);
            Owners(node);
            Watches(node);
            if (node.Core.EntryCount != claims || node.Core.Snapshot().Count != claims)
            {
                throw Violation(node, $"holds {node.Core.EntryCount} entries and finds {node.Core.Snapshot().Count}, but {claims} live");
            }

            foreach ((string name, (ulong joinIndex, ulong version)) in expected)
            {
                if (node.Core.Find(name) is not { } found || found.Owner.JoinIndex != joinIndex || found.Entry.Version != version)
                {
                    throw Violation(node, $"finds {node.Core.Find(name)} for {name}, which is that of {joinIndex} at version {version}");
                }
            }
        }
    }

    /// <summary>Each owner of a name was told last whether others have it by the rule.</summary>
    public void Losers()
    {
        foreach (RegistryMember member in world.View.Members)
        {
            RegistryNode node = world.Find(new RegistrySource(member.Id, member.Incarnation))!;
            foreach (string name in node.History.Live.Keys)
            {
                RegistryEvent[] told = [.. node.Events.Where(told => told.WatchId == 0 && told.Registration.Entry.Name == name)];
                bool isLost = node.Core.Find(name)!.Value.Owner != member;
                bool wasToldLost = told.Length > 0 && told[^1].Kind == RegistryEventKind.Lost;
                if (isLost && !wasToldLost)
                {
                    throw Violation(node, $"was not told that it lost {name}");
                }
            }
        }
    }

    private IEnumerable<RegistryNode> Everybody()
    {
        for (int index = 0; index < world.View.Count; index++)
        {
            RegistryMember member = world.View.Members[index];
            yield return world.Find(new RegistrySource(member.Id, member.Incarnation))!;
        }

        if (Client is not null)
        {
            yield return Client;
        }
    }

    private RegistryViolation Violation(RegistryNode node, string what) => new($"seed {seed}, {world.Now.TotalSeconds:F3} s: {node} {what}");
}
