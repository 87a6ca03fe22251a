using System.Collections.Concurrent;

namespace Kameo.Actors.Tests.Handoff;

/// <summary>What actors of one test did, on whichever node of the process, and what was wrong with it.</summary>
public sealed class Ledger
{
    private static readonly ConcurrentDictionary<string, Ledger> s_all = new(StringComparer.Ordinal);

    private readonly ConcurrentDictionary<string, Entry> _entries = new(StringComparer.Ordinal);
    private readonly ConcurrentQueue<string> _faults = new();

    /// <summary>The ledger of a test.</summary>
    public static Ledger Named(string name) => s_all.GetOrAdd(name, static _ => new Ledger());

    /// <summary>What is known of an actor.</summary>
    public static Entry Of(string key)
    {
        Ledger ledger = Named(key[..key.IndexOf('/', StringComparison.Ordinal)]);
        return ledger._entries.GetOrAdd(key, static (key, ledger) => new Entry(ledger, key), ledger);
    }

    /// <summary>Whether order and completeness are promised: not where a node is killed.</summary>
    public bool IsOrdered { get; set; } = true;

    /// <summary>Whether actors change their node within one view, by order or by choice: the fence is the same then.</summary>
    public bool IsPlacedByChoice { get; set; }

    /// <summary>What was wrong.</summary>
    public IReadOnlyCollection<string> Faults => _faults;

    /// <summary>Every actor there was.</summary>
    public IEnumerable<Entry> Entries => _entries.Values;

    public sealed class Entry(Ledger ledger, string key)
    {
        private readonly Lock _lock = new();
        private readonly Dictionary<string, long> _last = new(StringComparer.Ordinal);
        private readonly HashSet<object> _before = new(ReferenceEqualityComparer.Instance);
        private object? _live;
        private bool _isInside;
        private bool _isSuspended;
        private long _fence;

        /// <summary>The node that has it.</summary>
        public string Node { get; private set; } = string.Empty;

        /// <summary>How often it began.</summary>
        public int Activations { get; private set; }

        /// <summary>Why it ended, each time.</summary>
        public List<DeactivationReason> Ends { get; } = [];

        /// <summary>The last number of a caller.</summary>
        public long LastOf(string caller)
        {
            lock (_lock)
            {
                return _last.GetValueOrDefault(caller);
            }
        }

        public void Activated(VisitedActor actor, string node, long fence)
        {
            lock (_lock)
            {
                if (_live is IWanderer)
                {
                    Fault($"begins on {node} while it lives on {Node}");
                }

                if (_isInside && (ledger.IsOrdered || !_isSuspended)) // A turn that awaits something when the lease of its node ends is never resumed.
                {
                    Fault($"begins on {node} while a turn runs on {Node}");
                }

                _isInside = _isSuspended = false;

                if (fence < _fence || (fence == _fence && node != Node && Activations != 0 && !ledger.IsPlacedByChoice))
                {
                    Fault($"has the fence {fence} on {node} after {_fence} on {Node}");
                }

                if (_live is not null)
                {
                    _before.Add(_live);
                }

                _live = actor;
                _fence = fence;
                Node = node;
                Activations++;
            }
        }

        public void Deactivated(VisitedActor actor, DeactivationReason reason)
        {
            lock (_lock)
            {
                if (_live != actor)
                {
                    Fault($"ends ({reason}) and is not the one that lives");
                }

                if (_isInside)
                {
                    Fault($"ends ({reason}) while a turn runs");
                }

                Ends.Add(reason);
                _before.Add(actor);
                _live = null;
            }
        }

        public void Enter(VisitedActor actor, string caller, long number)
        {
            lock (_lock)
            {
                if (_isInside || _live != actor || _before.Contains(actor))
                {
                    Fault($"is entered by {caller} with {number}: inside {_isInside}, another one lives {_live != actor}");
                }

                long last = _last.GetValueOrDefault(caller);
                if (ledger.IsOrdered ? number != last + 1 : number == last)
                {
                    Fault($"gets {number} after {last} from {caller}, on {Node[..6]}, activation {Activations}");
                }

                _last[caller] = number;
                _isInside = true;
            }
        }

        /// <summary>Its turn awaits something.</summary>
        public void Suspend()
        {
            lock (_lock)
            {
                _isSuspended = true;
            }
        }

        /// <summary>Its turn goes on.</summary>
        public void Resume(VisitedActor actor)
        {
            lock (_lock)
            {
                if (_live != actor || !_isSuspended)
                {
                    Fault($"goes on, and is not the one that lives on {Node}");
                }

                _isSuspended = false;
            }
        }

        public void Leave()
        {
            lock (_lock)
            {
                _isInside = false;
            }
        }

        private void Fault(string what) => ledger._faults.Enqueue($"{key} {what}");
    }
}
