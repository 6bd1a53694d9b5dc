#include "jobs/next_volume.h"

#include <utility>

#include "container/volume.h"
#include "jobs/medium_contents.h"
#include "jobs/volume_labelling.h"
#include "tapir/device/open_device.h"

namespace tapir {
namespace {

// The name of a volume that is labelled and holds no session; kExists naming what else is there.
Result<std::string> NameOfUnused(BlockDevice& device, const Label& last) {
  Result<VolumeState> state = ReadVolumeState(device);
  bool unused = state.ok() && state->sessions.empty() && !state->torn && !state->lost_end &&
                state->label.volume_uuid != last.volume_uuid;
  if (unused) return state->label.name;
  return Exists("it holds " + NameContents(device) + "; a blank volume is wanted");
}

Result<NextVolume> Take(const std::string& name, const ArchiveRequest& request,
                        const AppendPoint& last) {
  NextVolume next;
  next.name = name;
  TAPIR_ASSIGN_OR_RETURN(next.device,
                         OpenDevice(name, OpenMode::kAppendOrCreate, request.label.tape));
  Label label = last.label;
  TAPIR_ASSIGN_OR_RETURN(bool blank, IsBlank(*next.device));
  if (!blank) {
    TAPIR_ASSIGN_OR_RETURN(label.name, NameOfUnused(*next.device, last.label));
    TAPIR_RETURN_IF_ERROR(next.device->Erase());
  }
  Ambient& ambient = *request.session.ambient;
  ambient.FillRandom(label.volume_uuid);
  label.created = ambient.Now();
  label.volume_sequence += 1;
  TAPIR_ASSIGN_OR_RETURN(next.point, LabelVolume(*next.device, label));
  next.point.session_number = last.session_number;
  next.point.set_members = last.set_members;
  next.point.set_members.push_back({last.label.volume_uuid, last.label.volume_sequence});
  return next;
}

}  // namespace

Result<NextVolume> TakeNextVolume(const ArchiveRequest& request, const AppendPoint& last,
                                  std::string refused) {
  VolumeWanted wanted;
  wanted.sequence = last.label.volume_sequence + 1;
  wanted.set_label = last.label.name;
  wanted.set_uuid = FormatUuid(last.label.set_uuid);
  wanted.refused = std::move(refused);
  for (;;) {
    TAPIR_ASSIGN_OR_RETURN(std::string name, request.next_volume(wanted));
    Result<NextVolume> next = Take(name, request, last);
    if (next.ok()) return next;
    wanted.refused = std::move(next).status().Annotate(name).message();
  }
}

}  // namespace tapir
