# SPDX-License-Identifier: Apache-2.0
# One virtual machine: a folder with its disk, console, sockets and the process that runs it. To be sourced.

# Emulation only (tcg): the kernel's own virtualization is not there everywhere. Without cx16, since qemu 7.2 gets the flags of
# cmpxchg16b wrong and the kernel then falls over; without la57, since five levels of page tables cost more to emulate than four.
# damon_stat would take a tenth of an emulated processor. One thread for all processors of a machine: with several, one executes what another
# has just patched, and the kernel falls over an int3 in its scheduler (each dump of CRIU's switches perf's static keys there).
start_machine() { # FOLDER KERNEL NETDEV [QEMU-ARGS...]
  local folder=$1 kernel=$2 netdev=$3 pid
  shift 3
  rm -f "$folder"/{identity,monitor}.sock "$folder/console.log"
  qemu-system-x86_64 -daemonize -pidfile "$folder/pid" -display none -nodefaults -no-reboot \
    -accel tcg,thread=single,tb-size=512 -cpu max,la57=off,cx16=off -smp "$VM_CPUS" -m "$VM_MEMORY" \
    -kernel "$VM/image/$kernel.vmlinuz" -initrd "$VM/image/$kernel.initrd" \
    -append "console=ttyS0 quiet loglevel=4 systemd.show_status=0 damon_stat.enabled=0 mitigations=off" \
    -serial "file:$folder/console.log" -monitor "unix:$folder/monitor.sock,server,nowait" \
    -drive "file=$folder/disk.qcow2,if=virtio,cache=unsafe,aio=threads,discard=unmap" \
    -object rng-random,id=rng,filename=/dev/urandom -device virtio-rng-pci,rng=rng \
    -device virtio-serial -chardev "socket,id=identity,path=$folder/identity.sock,server=on,wait=off" \
    -device virtserialport,chardev=identity,name=lab.identity \
    -netdev "$netdev,id=net" -device virtio-net-pci,netdev=net,romfile= "$@" >"$folder/qemu.log" 2>&1 </dev/null 9>&- ||
    die "the virtual machine does not start, see $folder/qemu.log"
  pid=$(cat "$folder/pid")
  echo "$pid $(start_time "$pid")" >"$folder/process"
}

machine_process() { recorded_process "$1/process"; } # FOLDER: its pid, if it is alive
kill_machine() { # FOLDER
  local pid
  if pid=$(machine_process "$1"); then
    kill -9 "$pid" 2>/dev/null || true
    wait_for 20 "the virtual machine to end" eval "! machine_process '$1'"
  fi
  rm -f "$1/process"
}

identify() { "$VM_SOURCE/talk" identity "$@"; } # FOLDER SECONDS LINE: runs a line of bash in a node that has no network yet
monitor() { "$VM_SOURCE/talk" monitor "$1" 120 "$2"; }
