using Kameo.Actors.Activations;
using Kameo.Actors.Catalog;
using Kameo.Actors.Slots;

namespace Kameo.Actors.Placement;

/// <summary>What is the same of all actors of a class as long as the hosts do not change; so the route of another one is no more than its slot. Thread safe. Not of observers, whose node stands in their key.</summary>
/// <param name="hosts">The hosts.</param>
/// <param name="className">The class.</param>
/// <param name="set">Who hosts it.</param>
internal sealed class ClassPlace(Hosts hosts, string className, HostSet set)
{
    private readonly ClassSlots _slots = new(className);
    private ActorClass? _class = ActorCatalog.FindClass(className);
    private TypeGroup? _group;

    /// <summary>The wire name of the class.</summary>
    public string ClassName => className;

    /// <summary>Who hosts it.</summary>
    public HostSet Set => set;

    /// <summary>The same, if it is registered in this process.</summary>
    public ActorClass? Class => _class ??= ActorCatalog.FindClass(className);

    /// <summary>On what terms the node runs its actors; null: nobody has needed them yet. Any thread; all write the same.</summary>
    public ClassTerms? Terms { get; set; }

    /// <summary>Whether its actors are stateless workers, as far as this process knows it.</summary>
    public bool IsOfWorkers => Class is { WorkersMax: not 0 };

    /// <summary>Whether the owners of its actors' slots have on record where they are. Of classes whose place depends on slots.</summary>
    public bool IsRecorded { get; } = hosts.Slots?.PlacementOf(className).IsRecorded ?? false;

    /// <summary>Where its slots stand; null: no view has it. Of classes whose place depends on slots.</summary>
    public TypeGroup? Group
    {
        get
        {
            TypeGroup? known = Volatile.Read(ref _group);
            if (known is not { IsVoid: false })
            {
                Volatile.Write(ref _group, known = hosts.Slots!.GroupOf(className));
            }

            return known;
        }
    }

    /// <summary>The slot of one of its actors.</summary>
    public int SlotOf(in ActorKey key) => _slots.SlotOf(key);
}
