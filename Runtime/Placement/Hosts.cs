using System.Collections.Concurrent;
using System.Collections.Frozen;
using Kameo.Actors.Catalog;
using Kameo.Actors.Slots.Gate;
using Kameo.Actors.Transport;

namespace Kameo.Actors.Placement;

/// <summary>Who hosts what at one moment: immutable, replaced whole. Hop 3 reads it without a lock.</summary>
internal sealed class Hosts
{
    private readonly FrozenDictionary<string, HostSet> _byClass;
    private readonly FrozenDictionary<string, string[]> _classesByInterface;
    private readonly Dictionary<PeerId, Host> _nodes = [];
    private readonly ConcurrentDictionary<string, ClassPlace> _places = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<ActorInterface, ClassPlace> _placesOfInterfaces = new();

    /// <summary>Makes it from every node and what it hosts.</summary>
    /// <param name="nodes">The nodes.</param>
    /// <param name="slots">What says where slots are; null: they have the owner that this computes.</param>
    /// <param name="isLeaving">Whether this node is about to leave.</param>
    public Hosts(IEnumerable<KeyValuePair<Host, HostedTypes>> nodes, SlotGate? slots, bool isLeaving = false)
    {
        Slots = slots;
        IsLeaving = isLeaving;
        var byClass = new Dictionary<string, List<Host>>(StringComparer.Ordinal);
        var byInterface = new Dictionary<string, SortedSet<string>>(StringComparer.Ordinal);
        foreach ((Host host, HostedTypes types) in nodes.OrderBy(static node => node.Key.Id))
        {
            _nodes[host.Id] = host;
            foreach (HostedClass hosted in types.Classes)
            {
                GetOrAdd(byClass, hosted.Name).Add(host);
                foreach (string name in hosted.Interfaces)
                {
                    if (!byInterface.TryGetValue(name, out SortedSet<string>? classes))
                    {
                        byInterface.Add(name, classes = new SortedSet<string>(StringComparer.Ordinal));
                    }

                    classes.Add(hosted.Name);
                }
            }
        }

        _byClass = byClass.ToFrozenDictionary(static entry => entry.Key, static entry => new HostSet([.. entry.Value]), StringComparer.Ordinal);
        _classesByInterface = byInterface.ToFrozenDictionary(static entry => entry.Key, static entry => entry.Value.ToArray(), StringComparer.Ordinal);
    }

    /// <summary>What says where slots are; null: they have the owner that this computes.</summary>
    public SlotGate? Slots { get; }

    /// <summary>Whether this node is about to leave the others, so that its stateless workers take no more calls where there are others.</summary>
    public bool IsLeaving { get; }

    /// <summary>A node, whatever it hosts; null: it is not known.</summary>
    public Host? Node(PeerId id) => _nodes.GetValueOrDefault(id);

    /// <summary>Who hosts a class; null: nobody known.</summary>
    public HostSet? Of(string className) => _byClass.GetValueOrDefault(className);

    /// <summary>The same with what follows from it; not of observers.</summary>
    public ClassPlace? PlaceOf(string className) => _places.TryGetValue(className, out ClassPlace? known) ? known
        : Of(className) is { } set ? _places.GetOrAdd(className, new ClassPlace(this, className, set))
        : null;

    /// <summary>The place of the class that has an interface; null: nobody known hosts one.</summary>
    /// <exception cref="InvalidOperationException">Several classes have the interface.</exception>
    public ClassPlace? PlaceOf(ActorInterface @interface)
    {
        if (_placesOfInterfaces.TryGetValue(@interface, out ClassPlace? known))
        {
            return known;
        }

        IReadOnlyList<string> classes = ClassesOf(@interface.Name);
        if (classes.Count > 1)
        {
            throw new InvalidOperationException(
                $"Several classes have the interface {@interface.Name}: {string.Join(", ", classes)}. Derive an interface of its own for each, so that a call says which is meant.");
        }

        return classes.Count == 1 && PlaceOf(classes[0]) is { } place ? _placesOfInterfaces.GetOrAdd(@interface, place) : null;
    }

    /// <summary>The classes that answer an interface, in order; empty: nobody known hosts one.</summary>
    public IReadOnlyList<string> ClassesOf(string interfaceName) => _classesByInterface.GetValueOrDefault(interfaceName) ?? [];

    private static List<Host> GetOrAdd(Dictionary<string, List<Host>> map, string key)
    {
        if (!map.TryGetValue(key, out List<Host>? list))
        {
            map.Add(key, list = []);
        }

        return list;
    }
}
